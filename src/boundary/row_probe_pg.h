// One row of a table of ours as it is now, without SPI. Edge.
//
// Whatever the isolation level of the transaction, the row is the newest that is committed: what was revoked must not
// live on in an old snapshot. Nothing of it is a read by the transaction: in SERIALIZABLE it leaves no predicate lock.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

struct RowProbe {
  Relation table;
  Snapshot snapshot;
  TupleTableSlot* slot;
  bool found;

  // The library also runs under older SQL versions, whose tables end earlier.
  bool has(AttrNumber which) const { return which <= slot->tts_tupleDescriptor->natts; }
  Datum column(AttrNumber which, bool* is_null) const { return slot_getattr(slot, which, is_null); }
  NullableDatum column(AttrNumber which) const {
    NullableDatum result;
    result.value = slot_getattr(slot, which, &result.isnull);
    return result;
  }
  // Whether the time in the column has come; false where there is none.
  bool has_come(AttrNumber which, TimestampTz now) const {
    const NullableDatum at = column(which);
    return !at.isnull && DatumGetTimestampTz(at.value) <= now;
  }
};

// An open unique index of one column, and what is looked for in it; `equals` is the operator's function.
struct IndexKey {
  Relation index;
  RegProcedure equals;
  Datum value;
};

// Where a row was found. `root` is its address in the index, of the first of its versions: it holds for those to come
// as well, until the row is moved. The rest is how to come to it fast, and may be wrong.
struct RowPlace {
  ItemPointerData root;
  Buffer buffer;
  std::uint16_t offset;  // of the version within its page
};

// Locks the table that `look_up` gives; who has dropped one while its lock was waited for may have made another.
template <class LookUp>
Oid locked_table(LookUp look_up) {
  for (;;) {
    const Oid table = look_up();
    LockRelationOid(table, AccessShareLock);
    if (look_up() == table) return table;
    UnlockRelationOid(table, AccessShareLock);
  }
}
// Opens the index that `look_up` gives, of a table that is locked. On a standby that keeps nobody from dropping it: replay
// waits only for who has the index itself. REINDEX CONCURRENTLY has put another in its place by then.
template <class LookUp>
Relation locked_index(LookUp look_up) {
  for (;;) {
    if (Relation index = try_relation_open(look_up(), AccessShareLock)) return index;
  }
}
// Opens the locked table; each probe then looks anew, and what the slot shows is valid until the next, or until
// finish_probe.
RowProbe open_probe(Oid table);
// Gives the row's place where one is found, and closes the index.
RowPlace probe_by_index(RowProbe& probe, const IndexKey& key);
// What now has its root at the place, if anything; also where the table has no such address any more. Finds nothing in
// a table that is no heap. Gives the place as it is now.
RowPlace probe_at(RowProbe& probe, RowPlace place);
// Closes what was opened, if anything was.
void finish_probe(const RowProbe& probe);

// The whole by names. kObjectMissing.
RowProbe probe_row(const char* table, const char* index, RegProcedure equals, Datum value);

}  // namespace gatehouse

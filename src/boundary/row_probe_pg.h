// One row of a table of ours by a unique index, as it is now, without SPI. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

// Whatever the isolation level of the transaction, the row is the newest that is committed: what was revoked must not
// live on in an old snapshot.
struct RowProbe {
  Relation table;
  Relation index;
  Snapshot snapshot;
  TupleTableSlot* slot;
  IndexScanDesc scan;
  bool found;

  Datum column(AttrNumber which, bool* is_null) const { return slot_getattr(slot, which, is_null); }
};

// Opens and probes; what the slot shows is valid until finish_probe. `equals` is the operator's function of the index's
// only column. kObjectMissing.
RowProbe probe_row(const char* table, const char* index, RegProcedure equals, Datum value);
void finish_probe(const RowProbe& probe);

}  // namespace gatehouse

#include "boundary/row_probe_pg.h"

#include "boundary/raise_pg.h"

extern "C" {
#include "access/heapam.h"
#include "access/stratnum.h"
#include "utils/snapmgr.h"
}

namespace gatehouse {

namespace {

Oid relation_oid(const char* name) {
  const Oid schema = get_namespace_oid("gatehouse", true);
  const Oid relation = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
  if (!OidIsValid(relation)) raise({.fault = Fault::kObjectMissing, .subject = name});
  return relation;
}

// Only when the locks are held: the snapshot must be younger than what they waited for.
void renew_snapshot(RowProbe& probe) {
  if (probe.snapshot != nullptr) UnregisterSnapshot(probe.snapshot);
  probe.snapshot = RegisterSnapshot(GetCatalogSnapshot(RelationGetRelid(probe.table)));
}

// Of the versions at the root, that which the snapshot sees. It is judged here and not by the fetch, which would leave
// a predicate lock in a SERIALIZABLE transaction. `gone`: nobody needs the address any more.
bool fetch_visible(const RowProbe& probe, IndexFetchTableData* versions, ItemPointerData root, bool* gone) {
  bool more = false;
  while (table_index_fetch_tuple(versions, &root, SnapshotAny, probe.slot, &more, gone)) {
    if (table_tuple_satisfies_snapshot(probe.table, probe.slot, probe.snapshot)) return true;
    if (!more) return false;
  }
  return false;
}

// The same in a buffer of a heap, which is locked; the version is then `tuple`.
bool find_visible(const RowProbe& probe, Buffer buffer, ItemPointerData root, HeapTuple tuple) {
  bool first = true;
  while (heap_hot_search_buffer(&root, probe.table, buffer, SnapshotAny, tuple, nullptr, first)) {
    if (HeapTupleSatisfiesVisibility(tuple, probe.snapshot, buffer)) return true;
    first = false;
  }
  return false;
}

// Where the buffer is the one that it was, nobody has to be asked for it.
Buffer pinned_buffer(Relation table, const RowPlace& place) {
  const BlockNumber block = ItemPointerGetBlockNumber(&place.root);
  if (server::pin_recent_buffer(table, block, place.buffer)) return place.buffer;
  return ReadBuffer(table, block);
}

// Of the slot's row.
RowPlace place_of(const RowProbe& probe, ItemPointerData root) {
  RowPlace result{.root = root, .buffer = InvalidBuffer, .offset = 0};
  if (!TTS_IS_BUFFERTUPLE(probe.slot)) return result;
  const auto* stored = reinterpret_cast<const BufferHeapTupleTableSlot*>(probe.slot);
  result.buffer = stored->buffer;
  result.offset = static_cast<std::uint16_t>(reinterpret_cast<const char*>(stored->base.tuple->t_data) -
                                             BufferGetPage(stored->buffer));
  return result;
}

}  // namespace

RowProbe open_probe(Oid table) {
  RowProbe result{};
  result.table = table_open(table, NoLock);
  result.slot = table_slot_create(result.table, nullptr);
  return result;
}

RowPlace probe_at(RowProbe& probe, RowPlace place) {
  renew_snapshot(probe);
  probe.found = false;
  if (!TTS_IS_BUFFERTUPLE(probe.slot)) return place;
  if (!server::has_block(probe.table, ItemPointerGetBlockNumber(&place.root))) return place;
  const Buffer buffer = pinned_buffer(probe.table, place);
  HeapTuple tuple = &reinterpret_cast<BufferHeapTupleTableSlot*>(probe.slot)->base.tupdata;
  LockBuffer(buffer, BUFFER_LOCK_SHARE);
  probe.found = find_visible(probe, buffer, place.root, tuple);
  LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
  if (!probe.found) {
    ReleaseBuffer(buffer);
    return place;
  }
  tuple->t_tableOid = RelationGetRelid(probe.table);
  ExecStorePinnedBufferHeapTuple(tuple, probe.slot, buffer);
  return place_of(probe, place.root);
}

RowPlace probe_by_index(RowProbe& probe, const IndexKey& key) {
  const Relation index = key.index;
  renew_snapshot(probe);
  // The index tells addresses only, and tells all of them.
  const IndexScanDesc scan = server::begin_index_scan(probe.table, index, SnapshotAny, 1);
  ScanKeyData searched;
  ScanKeyInit(&searched, 1, BTEqualStrategyNumber, key.equals, key.value);
  index_rescan(scan, &searched, 1, nullptr, 0);
  RowPlace place{};
  probe.found = false;
  while (const ItemPointer root = index_getnext_tid(scan, ForwardScanDirection)) {
    bool gone = false;
    probe.found = fetch_visible(probe, scan->xs_heapfetch, *root, &gone);
    if (probe.found) {
      place = place_of(probe, *root);
      break;
    }
    scan->kill_prior_tuple = gone && !scan->xactStartedInRecovery;
  }
  index_endscan(scan);
  index_close(index, AccessShareLock);
  return place;
}

void finish_probe(const RowProbe& probe) {
  if (probe.table == nullptr) return;
  ExecDropSingleTupleTableSlot(probe.slot);
  if (probe.snapshot != nullptr) UnregisterSnapshot(probe.snapshot);
  table_close(probe.table, AccessShareLock);
}

RowProbe probe_row(const char* table, const char* index, RegProcedure equals, Datum value) {
  RowProbe result = open_probe(locked_table([table] { return relation_oid(table); }));
  probe_by_index(result, {.index = locked_index([index] { return relation_oid(index); }), .equals = equals, .value = value});
  return result;
}

}  // namespace gatehouse

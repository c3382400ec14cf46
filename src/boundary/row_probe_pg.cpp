#include "boundary/row_probe_pg.h"

#include "boundary/raise_pg.h"

extern "C" {
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

// Of the versions at the root, that which the snapshot sees. It is judged here and not by the fetch, which would leave a
// predicate lock in a SERIALIZABLE transaction. `gone`: nobody needs the address any more.
bool fetch_visible(const RowProbe& probe, ItemPointerData root, bool* gone) {
  bool more = false;
  while (table_index_fetch_tuple(probe.versions, &root, SnapshotAny, probe.slot, &more, gone)) {
    if (table_tuple_satisfies_snapshot(probe.table, probe.slot, probe.snapshot)) return true;
    if (!more) return false;
  }
  return false;
}

}  // namespace

RowProbe open_probe(Oid table) {
  RowProbe result{};
  result.table = table_open(table, AccessShareLock);
  result.slot = table_slot_create(result.table, nullptr);
  result.versions = table_index_fetch_begin(result.table);
  return result;
}

void probe_at(RowProbe& probe, ItemPointerData root) {
  renew_snapshot(probe);
  bool gone = false;
  probe.found = server::has_block(probe.table, ItemPointerGetBlockNumber(&root)) && fetch_visible(probe, root, &gone);
}

ItemPointerData probe_by_index(RowProbe& probe, const IndexKey& key) {
  const Relation index = index_open(key.index, AccessShareLock);
  renew_snapshot(probe);
  // The index tells addresses only, and tells all of them.
  const IndexScanDesc scan = server::begin_index_scan(probe.table, index, SnapshotAny, 1);
  ScanKeyData searched;
  ScanKeyInit(&searched, 1, BTEqualStrategyNumber, key.equals, key.value);
  index_rescan(scan, &searched, 1, nullptr, 0);
  ItemPointerData root;
  ItemPointerSetInvalid(&root);
  probe.found = false;
  while (const ItemPointer address = index_getnext_tid(scan, ForwardScanDirection)) {
    bool gone = false;
    probe.found = fetch_visible(probe, *address, &gone);
    if (probe.found) {
      root = *address;
      break;
    }
    scan->kill_prior_tuple = gone && !scan->xactStartedInRecovery;
  }
  index_endscan(scan);
  index_close(index, AccessShareLock);
  return root;
}

void finish_probe(const RowProbe& probe) {
  table_index_fetch_end(probe.versions);
  ExecDropSingleTupleTableSlot(probe.slot);
  if (probe.snapshot != nullptr) UnregisterSnapshot(probe.snapshot);
  table_close(probe.table, AccessShareLock);
}

RowProbe probe_row(const char* table, const char* index, RegProcedure equals, Datum value) {
  RowProbe result = open_probe(relation_oid(table));
  probe_by_index(result, {.index = relation_oid(index), .equals = equals, .value = value});
  return result;
}

}  // namespace gatehouse

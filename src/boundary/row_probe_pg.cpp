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

}  // namespace

RowProbe probe_row(const char* table, const char* index, RegProcedure equals, Datum value) {
  RowProbe result{};
  result.table = table_open(relation_oid(table), AccessShareLock);
  result.index = index_open(relation_oid(index), AccessShareLock);
  // Only now: the snapshot must be younger than what the locks waited for.
  result.snapshot = RegisterSnapshot(GetCatalogSnapshot(RelationGetRelid(result.table)));
  result.slot = table_slot_create(result.table, nullptr);
  result.scan = server::begin_index_scan(result.table, result.index, result.snapshot, 1);
  ScanKeyData key;
  ScanKeyInit(&key, 1, BTEqualStrategyNumber, equals, value);
  index_rescan(result.scan, &key, 1, nullptr, 0);
  result.found = index_getnext_slot(result.scan, ForwardScanDirection, result.slot);
  return result;
}

void finish_probe(const RowProbe& probe) {
  index_endscan(probe.scan);
  ExecDropSingleTupleTableSlot(probe.slot);
  UnregisterSnapshot(probe.snapshot);
  index_close(probe.index, AccessShareLock);
  table_close(probe.table, AccessShareLock);
}

}  // namespace gatehouse

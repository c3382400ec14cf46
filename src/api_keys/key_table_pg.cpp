#include "api_keys/key_table_pg.h"

#include "boundary/raise_pg.h"

extern "C" {
#include "access/stratnum.h"
#include "catalog/namespace.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace gatehouse::api_keys {

namespace {

struct Relations {
  Oid table;
  Oid index;
};
Relations known;
bool known_is_current = false;
bool changed_meanwhile = false;
bool watching = false;

// A change of any relation's name or schema, DROP EXTENSION among them, costs one look-up.
void forget_relations(Datum, int, uint32) {
  known_is_current = false;
  changed_meanwhile = true;
}

Oid relation_oid(Oid schema, const char* name) {
  const Oid relation = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
  if (!OidIsValid(relation)) raise({Fault::kObjectMissing, 0, "table of API keys"});
  return relation;
}

const Relations& relations() {
  if (!watching) {
    CacheRegisterSyscacheCallback(RELNAMENSP, forget_relations, 0);
    CacheRegisterSyscacheCallback(NAMESPACEOID, forget_relations, 0);
    watching = true;
  }
  // A change may be noticed in the middle of the look-up.
  while (!known_is_current) {
    changed_meanwhile = false;
    const Oid schema = get_namespace_oid("gatehouse", true);
    known = {relation_oid(schema, "api_keys"), relation_oid(schema, "api_keys_lookup_id_key")};
    known_is_current = !changed_meanwhile;
  }
  return known;
}

}  // namespace

KeyProbe probe(std::int64_t lookup_id) {
  const Relations oids = relations();
  KeyProbe result{};
  result.table = table_open(oids.table, AccessShareLock);
  result.index = index_open(oids.index, AccessShareLock);
  // Only now: the snapshot must be younger than what the locks waited for.
  result.snapshot = RegisterSnapshot(GetCatalogSnapshot(oids.table));
  result.slot = table_slot_create(result.table, nullptr);
  result.scan = server::begin_index_scan(result.table, result.index, result.snapshot, 1);
  ScanKeyData key;
  ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(lookup_id));
  index_rescan(result.scan, &key, 1, nullptr, 0);
  result.found = index_getnext_slot(result.scan, ForwardScanDirection, result.slot);
  return result;
}

void finish_probe(const KeyProbe& probe) {
  index_endscan(probe.scan);
  ExecDropSingleTupleTableSlot(probe.slot);
  UnregisterSnapshot(probe.snapshot);
  index_close(probe.index, AccessShareLock);
  table_close(probe.table, AccessShareLock);
}

}  // namespace gatehouse::api_keys

// The tables that a command on a relation can change. Edge.
//
// Read by the newest snapshot of the catalog, as the command itself does, and without a lock: it holds those that matter.
#include "audit/audited_relation_pg.h"

extern "C" {
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_audited_relations);
PG_FUNCTION_INFO_V1(gatehouse_audit_partition_tree);
}

namespace gatehouse::audit {

namespace {

// The relation, what inherits from it, and those whose partition it is.
List* relatives_of(Oid relation) {
  if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation))) return NIL;  // dropped in the same command
  if (!get_rel_relispartition(relation)) return find_all_inheritors(relation, NoLock, nullptr);
  return lcons_oid(relation, get_partition_ancestors(relation));
}

void give(const ReturnSetInfo* results, Oid relation) {
  Datum value = ObjectIdGetDatum(relation);
  bool null = false;
  tuplestore_putvalues(results->setResult, results->setDesc, &value, &null);
}

void give(const ReturnSetInfo* results, Oid relation, std::int32_t table_id) {
  std::array<Datum, 2> values = {ObjectIdGetDatum(relation), Int32GetDatum(table_id)};
  std::array<bool, 2> nulls = {};
  tuplestore_putvalues(results->setResult, results->setDesc, values.data(), nulls.data());
}

// Of a partition's trigger the root's is the parent: that one counts.
void give_if_audited(const ReturnSetInfo* results, Relation triggers, Oid relation, Oid function) {
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(triggers, TriggerRelidNameIndexId, true, nullptr, 1, &key);
  for (HeapTuple tuple; HeapTupleIsValid(tuple = systable_getnext(scan));) {
    const auto* trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
    if (trigger->tgfoid != function || OidIsValid(trigger->tgparentid) || trigger->tgnargs < 1) continue;
    bool is_null;
    const Datum arguments = heap_getattr(tuple, Anum_pg_trigger_tgargs, RelationGetDescr(triggers), &is_null);
    if (!is_null) give(results, relation, id_in(VARDATA_ANY(DatumGetByteaPP(arguments))));
  }
  systable_endscan(scan);
}

}  // namespace

}  // namespace gatehouse::audit

// audited_relations(changed oid) → setof (relation regclass, table_id integer)
extern "C" Datum gatehouse_audit_audited_relations(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  InitMaterializedSRF(fcinfo, 0);
  const auto* results = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const Oid function = audit::own_function("log_row_change");
  if (!OidIsValid(function)) return Datum{0};
  Relation triggers = table_open(TriggerRelationId, AccessShareLock);
  ListCell* cell;
  foreach (cell, audit::relatives_of(PG_GETARG_OID(0))) {
    audit::give_if_audited(results, triggers, lfirst_oid(cell), function);
  }
  table_close(triggers, AccessShareLock);
  return Datum{0};
}

// partition_tree(relation regclass) → setof regclass
extern "C" Datum gatehouse_audit_partition_tree(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  const Oid relation = PG_GETARG_OID(0);
  if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation))) return Datum{0};
  List* tree = get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE ? find_all_inheritors(relation, NoLock, nullptr) : list_make1_oid(relation);
  ListCell* cell;
  foreach (cell, tree) audit::give(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo), lfirst_oid(cell));
  return Datum{0};
}

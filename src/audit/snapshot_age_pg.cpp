// What a transaction has written itself, and whether one that keeps its snapshot knows what others have recorded of an audited table since.
// Edge.
#include "boundary/server_pg.h"

extern "C" {
#include "catalog/pg_collation.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_changed_since_snapshot);
PG_FUNCTION_INFO_V1(gatehouse_audit_is_own_change);
}

namespace gatehouse::audit {

namespace {

struct RelationName {
  Datum schema;
  Datum name;
};

bool same_text(Datum a, Datum b) { return DatumGetBool(DirectFunctionCall2Coll(texteq, C_COLLATION_OID, a, b)); }

// Whether a row of one of our tables names the relation and is not seen by the transaction's snapshot.
bool has_unseen(const char* record, const char* schema_column, const char* name_column, const RelationName& wanted) {
  Relation relation = table_open(get_relname_relid(record, get_namespace_oid("gatehouse", false)), AccessShareLock);
  const AttrNumber schema = get_attnum(RelationGetRelid(relation), schema_column);
  const AttrNumber name = get_attnum(RelationGetRelid(relation), name_column);
  const Snapshot newest = RegisterSnapshot(GetLatestSnapshot());
  TupleTableSlot* slot = table_slot_create(relation, nullptr);
  TableScanDesc scan = table_beginscan(relation, newest, 0, nullptr);
  bool found = false;
  while (!found && table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    slot_getallattrs(slot);
    found = same_text(slot->tts_values[schema - 1], wanted.schema) && same_text(slot->tts_values[name - 1], wanted.name) &&
            !table_tuple_satisfies_snapshot(relation, slot, GetActiveSnapshot());
  }
  table_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  UnregisterSnapshot(newest);
  table_close(relation, AccessShareLock);
  return found;
}

}  // namespace

}  // namespace gatehouse::audit

// changed_since_snapshot(schema_name text, relation_name text) → boolean
extern "C" Datum gatehouse_audit_changed_since_snapshot(PG_FUNCTION_ARGS) {
  using gatehouse::audit::has_unseen;
  const gatehouse::audit::RelationName wanted = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
  PG_RETURN_BOOL(IsolationUsesXactSnapshot() &&
                 (has_unseen("audit_registry", "table_schema", "table_name", wanted) ||
                  has_unseen("audit_partitions", "partition_schema", "partition_name", wanted)));
}

// is_own_change(version xid) → boolean
extern "C" Datum gatehouse_audit_is_own_change(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(TransactionIdIsCurrentTransactionId(PG_GETARG_TRANSACTIONID(0)));
}

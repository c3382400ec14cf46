// Makes and removes the triggers of audited tables. Edge.
//
// By the catalog's own functions, not by statements: nobody's event trigger runs with the rights that are taken here, and the ones
// that watch over audited tables see only what others do to them. Whoever may call these decides who may have what audited.
#include "boundary/owner_rights_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/server_pg.h"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_authid_d.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_trigger.h"
#include "parser/parse_func.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_lock_schema);
PG_FUNCTION_INFO_V1(gatehouse_audit_lock_table);
PG_FUNCTION_INFO_V1(gatehouse_audit_make_trigger);
PG_FUNCTION_INFO_V1(gatehouse_audit_remove_trigger);
}

namespace gatehouse::audit {

namespace {

// As CREATE TRIGGER locks it. False where there is none, or there no longer is when it is this one's turn.
bool lock_table(Oid relation) {
  LockRelationOid(relation, ShareRowExclusiveLock);
  const bool found = SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation));
  if (!found) UnlockRelationOid(relation, ShareRowExclusiveLock);
  return found;
}

Oid trigger_function(const char* name) {
  List* qualified = list_make2(makeString(pstrdup("gatehouse")), makeString(pstrdup(name)));
  return LookupFuncName(qualified, 0, nullptr, false);
}

List* strings_of(ArrayType* array) {
  Datum* elements;
  bool* nulls;
  int count;
  deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  List* strings = NIL;
  for (int i = 0; i < count; ++i) {
    if (nulls[i]) raise({Fault::kAuditTriggerMisused});
    strings = lappend(strings, makeString(TextDatumGetCString(elements[i])));
  }
  return strings;
}

CreateTrigStmt* statement(bool on_truncate, List* arguments) {
  CreateTrigStmt* made = makeNode(CreateTrigStmt);
  // Triggers fire in the order of their names. The one of rows comes first: another may change the row again, and that change is
  // to be logged after this one.
  made->trigname = pstrdup(on_truncate ? "gatehouse_audit_truncate" : "!gatehouse_audit");
  made->args = arguments;
  made->row = !on_truncate;
  made->timing = TRIGGER_TYPE_AFTER;
  made->events = static_cast<int16>(
      on_truncate ? TRIGGER_TYPE_TRUNCATE : TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE);
  return made;
}

// EXECUTE on the trigger's function and the rights of the table's owner are needed. No one role is sure to have both, but
// the superuser that every cluster has; and nothing of the table's owner runs while the trigger is made.
void make_trigger(Oid relation, bool on_truncate, List* arguments) {
  CreateTrigStmt* made = statement(on_truncate, arguments);
  const Oid function = trigger_function(on_truncate ? "log_truncate" : "log_row_change");
  const Rights of_caller =
      take_rights_of(BOOTSTRAP_SUPERUSERID, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  CreateTriggerFiringOn(made, "", relation, InvalidOid, InvalidOid, InvalidOid, function, InvalidOid, nullptr, false, false,
                        TRIGGER_FIRES_ALWAYS);
  give_back_rights(of_caller);
  CommandCounterIncrement();
}

// Whether there is such a trigger, and it is one of ours on a table.
bool is_ours(Oid trigger) {
  Relation catalog = table_open(TriggerRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
  SysScanDesc scan = systable_beginscan(catalog, TriggerOidIndexId, true, nullptr, 1, &key);
  HeapTuple tuple = systable_getnext(scan);
  const Oid called =
      HeapTupleIsValid(tuple) ? reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple))->tgfoid : InvalidOid;
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return OidIsValid(called) &&
         (called == trigger_function("log_row_change") || called == trigger_function("log_truncate"));
}

}  // namespace

}  // namespace gatehouse::audit

// lock_audited_table(relation regclass) → boolean
extern "C" Datum gatehouse_audit_lock_table(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(gatehouse::audit::lock_table(PG_GETARG_OID(0)));
}

// lock_audited_schema(schema_id oid) → void
// Waits for whoever makes a table in it, and keeps others from it until the transaction ends.
extern "C" Datum gatehouse_audit_lock_schema(PG_FUNCTION_ARGS) {
  LockDatabaseObject(NamespaceRelationId, PG_GETARG_OID(0), 0, AccessExclusiveLock);
  PG_RETURN_VOID();
}

// make_audit_trigger(relation regclass, on_truncate boolean, arguments text[]) → void
extern "C" Datum gatehouse_audit_make_trigger(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  const Oid relation = PG_GETARG_OID(0);
  List* arguments = audit::strings_of(PG_GETARG_ARRAYTYPE_P(2));
  if (audit::lock_table(relation)) audit::make_trigger(relation, PG_GETARG_BOOL(1), arguments);
  PG_RETURN_VOID();
}

// remove_audit_trigger(trigger oid) → boolean
extern "C" Datum gatehouse_audit_remove_trigger(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  const Oid trigger = PG_GETARG_OID(0);
  if (!audit::is_ours(trigger)) PG_RETURN_BOOL(false);
  const ObjectAddress address = {TriggerRelationId, trigger, 0};
  performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
  CommandCounterIncrement();
  PG_RETURN_BOOL(true);
}

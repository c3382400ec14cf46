// Keeps the audit log from going with the extension by mistake: DROP EXTENSION drops the partitions that maintenance made
// without naming them. Edge.
//
// What a command names is asked, not what it would reach: DROP SCHEMA of the extension's, DROP OWNED of their owners, with
// CASCADE, reach the extension too. Event triggers do not fire in single-user mode.
#include "boundary/owner_rights_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/settings_pg.h"

extern "C" {
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "utils/acl.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_guard_log);
}

namespace gatehouse::audit {

namespace {

constexpr const char* kName = "gatehouse";  // of the extension and of its schema

bool names_it(const DropStmt& drop) {
  if (drop.removeType != OBJECT_EXTENSION && drop.removeType != OBJECT_SCHEMA) return false;
  ListCell* cell;
  foreach (cell, drop.objects) {
    if (strcmp(strVal(lfirst(cell)), kName) == 0) return true;
  }
  return false;
}

Oid owner_of_extension(Oid extension) {
  Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(extension));
  SysScanDesc scan = systable_beginscan(catalog, ExtensionOidIndexId, true, nullptr, 1, &key);
  HeapTuple tuple = systable_getnext(scan);
  const Oid owner =
      HeapTupleIsValid(tuple) ? reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple))->extowner : InvalidOid;
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return owner;
}

Oid owner_of_schema() {
  HeapTuple tuple = SearchSysCache1(NAMESPACENAME, CStringGetDatum(kName));
  if (!HeapTupleIsValid(tuple)) return InvalidOid;
  const Oid owner = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->nspowner;
  ReleaseSysCache(tuple);
  return owner;
}

bool owns_it(const DropOwnedStmt& drop, Oid extension) {
  const Oid owners[] = {owner_of_extension(extension), owner_of_schema()};
  ListCell* cell;
  foreach (cell, drop.roles) {
    const Oid role = get_rolespec_oid(static_cast<RoleSpec*>(lfirst(cell)), true);
    for (const Oid owner : owners) {
      if (OidIsValid(role) && role == owner) return true;
    }
  }
  return false;
}

bool log_has_rows() {
  const Rights of_caller = take_owner_rights(SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  SPI_connect();
  SPI_execute("SELECT EXISTS (SELECT FROM gatehouse.row_change_log) OR EXISTS (SELECT FROM gatehouse.events)", false, 1);
  bool is_null;
  const bool found = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
  SPI_finish();
  give_back_rights(of_caller);
  return found;
}

void guard(const Node* command) {
  const Oid extension = get_extension_oid(kName, true);
  if (!OidIsValid(extension) || settings::allow_drop()) return;
  const bool reaches = IsA(command, DropStmt)        ? names_it(*reinterpret_cast<const DropStmt*>(command))
                       : IsA(command, DropOwnedStmt) ? owns_it(*reinterpret_cast<const DropOwnedStmt*>(command), extension)
                                                     : false;
  if (reaches && log_has_rows()) raise({Fault::kAuditLogInTheWay});
}

}  // namespace

}  // namespace gatehouse::audit

// guard_audit_log() → event_trigger
extern "C" Datum gatehouse_audit_guard_log(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) raise({Fault::kAuditTriggerMisused});
  audit::guard(reinterpret_cast<EventTriggerData*>(fcinfo->context)->parsetree);
  PG_RETURN_NULL();
}

// The event triggers that read what was before a command, by the snapshot that it began with. Edge.
//
// A command that commits on its way, such as DETACH PARTITION CONCURRENTLY, leaves none. A function that reads by the active snapshot
// needs one: then it is of now.
//
// watch_commands of SQL 0.6 has a function of its own: nothing else there sees that another column comes to the name of a hidden one.
#include "audit/audited_relation_pg.h"
#include "boundary/raise_pg.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "commands/event_trigger.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_follow_commands);
PG_FUNCTION_INFO_V1(gatehouse_audit_watch_commands);
PG_FUNCTION_INFO_V1(gatehouse_audit_watch_schemas);
}

namespace gatehouse::audit {

namespace {

void call_with_snapshot(FunctionCallInfo fcinfo, const char* name) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) raise({Fault::kAuditTriggerMisused});
  const Oid function = own_function(name);
  if (!OidIsValid(function)) raise({.fault = Fault::kObjectMissing, .subject = name});
  const bool has_none = !ActiveSnapshotSet();
  if (has_none) PushActiveSnapshot(GetTransactionSnapshot());
  (void)OidFunctionCall0(function);
  if (has_none) PopActiveSnapshot();
}

// ADD COLUMN IF NOT EXISTS can have found it there. What this transaction has not written has not just come.
bool is_new(Oid relation, const char* column) {
  HeapTuple tuple = SearchSysCacheAttName(relation, column);
  if (!HeapTupleIsValid(tuple)) return false;
  const bool is_ours = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data));
  ReleaseSysCache(tuple);
  return is_ours;
}

// The command has locked the table and all that got the column from it.
void check_new_name(Oid root, const char* column, bool may_have_been_there) {
  ListCell* cell;
  foreach (cell, find_all_inheritors(root, NoLock, nullptr)) {
    const Oid id = lfirst_oid(cell);
    if (may_have_been_there && !is_new(id, column)) continue;
    Relation relation = RelationIdGetRelation(id);
    if (!RelationIsValid(relation)) continue;
    const Trigger* trigger = row_trigger_of(relation);
    if (trigger != nullptr && hides(*trigger, column)) raise({.fault = Fault::kAuditColumnMissing, .subject = column});
    RelationClose(relation);
  }
}

void check_hidden_columns(const Node* command) {
  if (IsA(command, RenameStmt)) {
    const auto* renaming = reinterpret_cast<const RenameStmt*>(command);
    if (renaming->renameType != OBJECT_COLUMN || renaming->relationType != OBJECT_TABLE) return;
    const Oid relation = RangeVarGetRelid(renaming->relation, NoLock, true);
    if (OidIsValid(relation)) check_new_name(relation, renaming->newname, false);
  } else if (IsA(command, AlterTableStmt)) {
    const auto* alteration = reinterpret_cast<const AlterTableStmt*>(command);
    if (alteration->objtype != OBJECT_TABLE) return;
    const Oid relation = RangeVarGetRelid(alteration->relation, NoLock, true);
    if (!OidIsValid(relation)) return;
    ListCell* cell;
    foreach (cell, alteration->cmds) {
      const auto* part = static_cast<const AlterTableCmd*>(lfirst(cell));
      if (part->subtype != AT_AddColumn) continue;
      check_new_name(relation, reinterpret_cast<const ColumnDef*>(part->def)->colname, part->missing_ok);
    }
  }
}

}  // namespace

}  // namespace gatehouse::audit

// watch_commands() → event_trigger
extern "C" Datum gatehouse_audit_follow_commands(PG_FUNCTION_ARGS) {
  gatehouse::audit::call_with_snapshot(fcinfo, "follow_commands");
  PG_RETURN_NULL();
}

// watch_commands() → event_trigger, of SQL 0.6
extern "C" Datum gatehouse_audit_watch_commands(PG_FUNCTION_ARGS) {
  (void)gatehouse_audit_follow_commands(fcinfo);
  gatehouse::audit::check_hidden_columns(reinterpret_cast<const EventTriggerData*>(fcinfo->context)->parsetree);
  PG_RETURN_NULL();
}

// watch_schemas() → event_trigger
extern "C" Datum gatehouse_audit_watch_schemas(PG_FUNCTION_ARGS) {
  gatehouse::audit::call_with_snapshot(fcinfo, "follow_schemas");
  PG_RETURN_NULL();
}

// The event triggers that read what was before a command, by the snapshot that it began with. Edge.
//
// A command that commits on its way, such as DETACH PARTITION CONCURRENTLY, leaves none. A function that reads by the active snapshot
// needs one: then it is of now.
#include "audit/audited_relation_pg.h"
#include "boundary/raise_pg.h"

extern "C" {
#include "commands/event_trigger.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_follow_commands);
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

}  // namespace

}  // namespace gatehouse::audit

// watch_commands() → event_trigger
extern "C" Datum gatehouse_audit_follow_commands(PG_FUNCTION_ARGS) {
  gatehouse::audit::call_with_snapshot(fcinfo, "follow_commands");
  PG_RETURN_NULL();
}

// watch_schemas() → event_trigger
extern "C" Datum gatehouse_audit_watch_schemas(PG_FUNCTION_ARGS) {
  gatehouse::audit::call_with_snapshot(fcinfo, "follow_schemas");
  PG_RETURN_NULL();
}

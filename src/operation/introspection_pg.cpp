// What the SQL functions ask of the library: its version, a setting, the caller's standing. Edge.
#include "boundary/caller_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/server_pg.h"
#include "boundary/text_pg.h"
#include "boundary/version.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_operation_library_version);
PG_FUNCTION_INFO_V1(gatehouse_operation_setting);
PG_FUNCTION_INFO_V1(gatehouse_operation_caller_is_administrator);
PG_FUNCTION_INFO_V1(gatehouse_operation_calling_role);
}

// library_version() → text
extern "C" Datum gatehouse_operation_library_version(PG_FUNCTION_ARGS) {
  return gatehouse::text_datum(gatehouse::kLibraryVersion);
}

// setting(name text) → text: current_setting('gatehouse.' || name), which needs the library to be loaded; calling this loads it.
extern "C" Datum gatehouse_operation_setting(PG_FUNCTION_ARGS) {
  char* name = psprintf("gatehouse.%s", text_to_cstring(PG_GETARG_TEXT_PP(0)));
  const char* value = GetConfigOptionByName(name, nullptr, true);
  if (value == nullptr) gatehouse::raise({gatehouse::Fault::kSettingUnknown});
  return gatehouse::text_datum(value);
}

// caller_is_administrator() → boolean
extern "C" Datum gatehouse_operation_caller_is_administrator(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(gatehouse::caller_is_administrator());
}

// calling_role() → oid
extern "C" Datum gatehouse_operation_calling_role(PG_FUNCTION_ARGS) { PG_RETURN_OID(gatehouse::calling_role()); }

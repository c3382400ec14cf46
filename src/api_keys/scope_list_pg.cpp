#include "api_keys/scope_list_pg.h"

#include "api_keys/scope.h"
#include "boundary/text_pg.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
PG_FUNCTION_INFO_V1(gatehouse_api_keys_has_all_scopes);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_has_any_scope);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_has_scope);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_scope_valid);
}

namespace api_keys = gatehouse::api_keys;

namespace gatehouse::api_keys {

ScopeList scope_list(Datum array) {
  ScopeList result{};
  deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &result.values, &result.nulls,
                    &result.count);
  return result;
}

bool list_covers(const ScopeList& held, std::string_view wanted) {
  for (int i = 0; i < held.count; ++i) {
    if (!held.nulls[i] && scope_covers(view_of(DatumGetTextPP(held.values[i])), wanted)) return true;
  }
  return false;
}

}  // namespace gatehouse::api_keys

namespace {

// NULL is the empty list.
api_keys::ScopeList list_argument(FunctionCallInfo fcinfo, int number) {
  return PG_ARGISNULL(number) ? api_keys::ScopeList{} : api_keys::scope_list(PG_GETARG_DATUM(number));
}

int count_covered(const api_keys::ScopeList& held, const api_keys::ScopeList& wanted) {
  int result = 0;
  for (int i = 0; i < wanted.count; ++i) {
    if (!wanted.nulls[i] && api_keys::list_covers(held, gatehouse::view_of(DatumGetTextPP(wanted.values[i])))) ++result;
  }
  return result;
}

}  // namespace

// scope_valid(scope text) → boolean
extern "C" Datum gatehouse_api_keys_scope_valid(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(api_keys::scope_valid(gatehouse::view_of(PG_GETARG_TEXT_PP(0))));
}

// has_scope(scopes text[], scope text) → boolean
extern "C" Datum gatehouse_api_keys_has_scope(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(1)) PG_RETURN_BOOL(false);
  PG_RETURN_BOOL(api_keys::list_covers(list_argument(fcinfo, 0), gatehouse::view_of(PG_GETARG_TEXT_PP(1))));
}

// has_any_scope(scopes text[], wanted text[]) → boolean
extern "C" Datum gatehouse_api_keys_has_any_scope(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(count_covered(list_argument(fcinfo, 0), list_argument(fcinfo, 1)) > 0);
}

// has_all_scopes(scopes text[], wanted text[]) → boolean
extern "C" Datum gatehouse_api_keys_has_all_scopes(PG_FUNCTION_ARGS) {
  // Not the same as no scopes: a list that got lost on its way must not open what it was to guard.
  if (PG_ARGISNULL(1)) PG_RETURN_BOOL(false);
  const api_keys::ScopeList wanted = list_argument(fcinfo, 1);
  PG_RETURN_BOOL(count_covered(list_argument(fcinfo, 0), wanted) == wanted.count);
}

// Who is signed in, as SQL asks for it: once a row of a table with a policy, so each answer costs a pointer. Edge.
#include "api_keys/scope.h"
#include "boundary/caller_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/text_pg.h"
#include "identity/carrier_pg.h"

extern "C" {
#include "utils/array.h"
PG_FUNCTION_INFO_V1(gatehouse_identity_acts_for);
PG_FUNCTION_INFO_V1(gatehouse_identity_api_key_id);
PG_FUNCTION_INFO_V1(gatehouse_identity_check_acts_for);
PG_FUNCTION_INFO_V1(gatehouse_identity_check_scopes_cover);
PG_FUNCTION_INFO_V1(gatehouse_identity_impersonator_id);
PG_FUNCTION_INFO_V1(gatehouse_identity_require_scope);
PG_FUNCTION_INFO_V1(gatehouse_identity_scopes);
PG_FUNCTION_INFO_V1(gatehouse_identity_session_id);
PG_FUNCTION_INFO_V1(gatehouse_identity_user_id);
}

namespace api_keys = gatehouse::api_keys;
namespace identity = gatehouse::identity;

namespace {

// A copy of what the identity holds, kept for the calls to come: the query may yet sign somebody else in, and then what
// it has read must stay as it was.
struct Answer {
  std::uint64_t generation;
  char bytes[FLEXIBLE_ARRAY_MEMBER];
};

bool has_answer(FunctionCallInfo fcinfo) {
  const auto* kept = static_cast<const Answer*>(fcinfo->flinfo->fn_extra);
  return kept != nullptr && kept->generation == identity::generation();
}

Datum kept_answer(FunctionCallInfo fcinfo) {
  return PointerGetDatum(static_cast<Answer*>(fcinfo->flinfo->fn_extra)->bytes);
}

Datum new_answer(FunctionCallInfo fcinfo, const void* bytes, std::size_t size) {
  const void* kept = fcinfo->flinfo->fn_extra;
  // Signed in anew in the middle of a query: no more is kept, or a query that does so for ever would eat the memory.
  const MemoryContext into = kept == nullptr ? fcinfo->flinfo->fn_mcxt : CurrentMemoryContext;
  auto* fresh = static_cast<Answer*>(MemoryContextAlloc(into, offsetof(Answer, bytes) + size));
  fresh->generation = identity::generation();
  memcpy(fresh->bytes, bytes, size);
  if (kept == nullptr) fcinfo->flinfo->fn_extra = fresh;
  return PointerGetDatum(fresh->bytes);
}

Datum id_answer(FunctionCallInfo fcinfo, identity::OptionalId identity::Parties::*which) {
  if (has_answer(fcinfo)) return kept_answer(fcinfo);
  const identity::Held* held = identity::current();
  if (held == nullptr || !(held->parties.*which).present) PG_RETURN_NULL();
  return new_answer(fcinfo, (held->parties.*which).bytes.data(), UUID_LEN);
}

bool scopes_cover(const ArrayType* scopes, std::string_view required) {
  const int count = ARR_NDIM(scopes) == 0 ? 0 : ARR_DIMS(scopes)[0];
  const char* element = ARR_DATA_PTR(scopes);
  for (int i = 0; i < count; ++i) {
    const std::string_view scope = gatehouse::view_of(reinterpret_cast<const text*>(element));
    if (api_keys::scope_covers(scope, required)) return true;
    element += INTALIGN(VARHDRSZ + scope.size());
  }
  return false;
}

// Whether whoever is signed in may do what concerns this account; `user` is nullptr where it concerns none.
bool acts_for(const pg_uuid_t* user) {
  const identity::Held* held = identity::current();
  if (held == nullptr) return true;
  const identity::OptionalId& own = held->parties.user;
  if (user != nullptr && own.present && memcmp(own.bytes.data(), user->data, UUID_LEN) == 0) return true;
  return gatehouse::caller_is_administrator();
}

const pg_uuid_t* optional_id(FunctionCallInfo fcinfo) { return PG_ARGISNULL(0) ? nullptr : PG_GETARG_UUID_P(0); }

}  // namespace

// current_user_id() → uuid
extern "C" Datum gatehouse_identity_user_id(PG_FUNCTION_ARGS) { return id_answer(fcinfo, &identity::Parties::user); }

// current_impersonator_id() → uuid
extern "C" Datum gatehouse_identity_impersonator_id(PG_FUNCTION_ARGS) {
  return id_answer(fcinfo, &identity::Parties::impersonator);
}

// current_api_key_id() → uuid
extern "C" Datum gatehouse_identity_api_key_id(PG_FUNCTION_ARGS) {
  return id_answer(fcinfo, &identity::Parties::api_key);
}

// current_session_id() → uuid
extern "C" Datum gatehouse_identity_session_id(PG_FUNCTION_ARGS) {
  return id_answer(fcinfo, &identity::Parties::session);
}

// current_scopes() → text[]: NULL where the sign-in is not restricted to scopes
extern "C" Datum gatehouse_identity_scopes(PG_FUNCTION_ARGS) {
  if (has_answer(fcinfo)) return kept_answer(fcinfo);
  const identity::Held* held = identity::current();
  if (held == nullptr || held->scopes == nullptr) PG_RETURN_NULL();
  return new_answer(fcinfo, held->scopes, VARSIZE(held->scopes));
}

// require_scope(scope text) → void
extern "C" Datum gatehouse_identity_require_scope(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) gatehouse::raise({.fault = gatehouse::Fault::kNullArgument, .subject = "scope"});
  text* scope = PG_GETARG_TEXT_PP(0);
  // What isn't even a scope may be a key that was put in the wrong place: it isn't repeated.
  if (!api_keys::scope_valid(gatehouse::view_of(scope))) gatehouse::raise({gatehouse::Fault::kScopeMalformed});
  const identity::Held* held = identity::current();
  if (held != nullptr && (held->scopes == nullptr || scopes_cover(held->scopes, gatehouse::view_of(scope))))
    PG_RETURN_VOID();
  gatehouse::raise({.fault = gatehouse::Fault::kScopeMissing, .subject = text_to_cstring(scope)});
}

// acts_for(user_id uuid) → boolean
extern "C" Datum gatehouse_identity_acts_for(PG_FUNCTION_ARGS) { PG_RETURN_BOOL(acts_for(optional_id(fcinfo))); }

// check_acts_for(user_id uuid) → void
extern "C" Datum gatehouse_identity_check_acts_for(PG_FUNCTION_ARGS) {
  if (!acts_for(optional_id(fcinfo))) gatehouse::raise({gatehouse::Fault::kOtherAccount});
  PG_RETURN_VOID();
}

// check_scopes_cover(scopes text[]) → void: NULL is every scope
extern "C" Datum gatehouse_identity_check_scopes_cover(PG_FUNCTION_ARGS) {
  const identity::Held* held = identity::current();
  if (held == nullptr || held->scopes == nullptr || gatehouse::caller_is_administrator()) PG_RETURN_VOID();
  if (PG_ARGISNULL(0)) gatehouse::raise({gatehouse::Fault::kScopesRestrict});
  Datum* elements;
  bool* nulls;
  int count;
  deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  for (int i = 0; i < count; ++i) {
    if (nulls[i] || !scopes_cover(held->scopes, gatehouse::view_of(DatumGetTextPP(elements[i]))))
      gatehouse::raise({gatehouse::Fault::kScopesRestrict});
  }
  PG_RETURN_VOID();
}

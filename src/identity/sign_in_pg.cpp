// Signs in: proves who is to act, then sets the identity of the transaction. A refusal leaves nobody signed in. Reads
// only, but for the event of acting in another's name. Edge.
#include "accounts/account_row_pg.h"
#include "api_keys/verification_pg.h"
#include "boundary/owner_rights_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/text_pg.h"
#include "identity/carrier_pg.h"
#include "operation/standby_staleness_pg.h"
#include "sessions/access_token_pg.h"
#include "sessions/session_row_pg.h"
#include "statement_text/concern_pg.h"

extern "C" {
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/snapmgr.h"
PG_FUNCTION_INFO_V1(gatehouse_identity_sign_in_as);
PG_FUNCTION_INFO_V1(gatehouse_identity_sign_in_as_recorded);
PG_FUNCTION_INFO_V1(gatehouse_identity_sign_in_with_access_token);
PG_FUNCTION_INFO_V1(gatehouse_identity_sign_in_with_api_key);
PG_FUNCTION_INFO_V1(gatehouse_identity_sign_in_with_session);
PG_FUNCTION_INFO_V1(gatehouse_identity_sign_out);
}

namespace api_keys = gatehouse::api_keys;
namespace identity = gatehouse::identity;
namespace sessions = gatehouse::sessions;

namespace {

identity::OptionalId id_of(const pg_uuid_t& id) {
  identity::OptionalId result{.present = true};
  memcpy(result.bytes.data(), id.data, UUID_LEN);
  return result;
}

bool is_live_account(const identity::OptionalId& user) {
  pg_uuid_t id;
  memcpy(id.data, user.bytes.data(), UUID_LEN);
  return gatehouse::accounts::is_live(id);
}

// The parties to a live session whose current token this is; no user where there is none.
identity::Parties parties_of_session(std::string_view token) {
  identity::Parties parties{};
  const gatehouse::RowProbe session = sessions::find_session(token);
  if (sessions::is_live(session) && sessions::matches_current(session, token) == sessions::Match::kYes) {
    parties.session = id_of(sessions::session_id(session));
    parties.user = id_of(sessions::user_id(session));
  }
  finish_probe(session);
  return parties;
}

// The scopes of a text[], separated by blanks, in memory of the current context.
std::string_view joined(Datum scopes) {
  Datum* elements;
  bool* nulls;
  int count;
  deconstruct_array(DatumGetArrayTypeP(scopes), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  std::size_t size = 0;
  for (int i = 0; i < count; ++i) size += gatehouse::view_of(DatumGetTextPP(elements[i])).size() + 1;
  auto* first = static_cast<char*>(palloc(size + 1));
  char* at = first;
  for (int i = 0; i < count; ++i) {
    if (i > 0) *at++ = ' ';
    const std::string_view scope = gatehouse::view_of(DatumGetTextPP(elements[i]));
    memcpy(at, scope.data(), scope.size());
    at += scope.size();
  }
  return {first, static_cast<std::size_t>(at - first)};
}

Datum identity_of_key(FunctionCallInfo, const api_keys::KeyProbe& probe) {
  auto* found = static_cast<identity::Identity*>(palloc0(sizeof(identity::Identity)));
  bool is_null;
  found->parties.api_key = id_of(*DatumGetUUIDP(probe.column(api_keys::kId, &is_null)));
  const Datum user = probe.column(api_keys::kUserId, &is_null);
  if (!is_null) found->parties.user = id_of(*DatumGetUUIDP(user));
  found->is_restricted = true;
  found->scopes = joined(probe.column(api_keys::kScopes, &is_null));
  return PointerGetDatum(found);
}

// What signed in before stays on record, with its scopes: acting in another's name widens nothing.
identity::Identity impersonation_of(const identity::OptionalId& user) {
  identity::Identity result{};
  if (const identity::Held* before = identity::current()) {
    result.parties = before->parties;
    if (!before->parties.impersonator.present) result.parties.impersonator = before->parties.user;
    result.is_restricted = before->scopes != nullptr;
    if (result.is_restricted) result.scopes = joined(PointerGetDatum(before->scopes));
  }
  result.parties.user = user;
  if (result.parties.impersonator.present && result.parties.impersonator.bytes == user.bytes)
    result.parties.impersonator = {};
  return result;
}

std::uint64_t execute(SPIPlanPtr& plan, const char* text, Datum user_id) {
  if (plan == nullptr) {
    Oid type = UUIDOID;
    SPIPlanPtr prepared = SPI_prepare(text, 1, &type);
    if (prepared == nullptr || SPI_keepplan(prepared) != 0) gatehouse::raise({gatehouse::Fault::kInternal});
    plan = prepared;
  }
  SPI_execute_snapshot(plan, &user_id, nullptr, GetLatestSnapshot(), InvalidSnapshot, false, true, 0);
  return SPI_processed;
}

// Before the identity changes: the event's actor is who does it. The account is locked against being erased until the event is
// visible to whoever erases it later, as of now in every isolation level; false where it is gone.
bool record_impersonation(Datum user_id) {
  static SPIPlanPtr lock;
  static SPIPlanPtr event;
  const gatehouse::Rights of_caller = gatehouse::take_owner_rights(SECURITY_LOCAL_USERID_CHANGE);
  SPI_connect();
  const bool is_there =
      execute(lock, "SELECT FROM gatehouse.users WHERE id OPERATOR(pg_catalog.=) $1 FOR KEY SHARE", user_id) == 1;
  if (is_there) {
    execute(event, "SELECT gatehouse.write_event('gatehouse.account.impersonated', $1, NULL, NULL, true, NULL, NULL)", user_id);
  }
  SPI_finish();
  gatehouse::give_back_rights(of_caller);
  return is_there;
}

}  // namespace

// sign_in_with_api_key(api_key text, required_scopes text[], ip inet) → boolean
extern "C" Datum gatehouse_identity_sign_in_with_api_key(PG_FUNCTION_ARGS) {
  const Datum found = api_keys::verify_reporting(fcinfo, identity_of_key);
  if (found == Datum{0}) {
    identity::sign_out();
    PG_RETURN_BOOL(false);
  }
  identity::sign_in(*reinterpret_cast<identity::Identity*>(DatumGetPointer(found)));
  PG_RETURN_BOOL(true);
}

// sign_in_with_session(refresh_token text) → boolean
extern "C" Datum gatehouse_identity_sign_in_with_session(PG_FUNCTION_ARGS) {
  identity::Parties parties{};
  if (!PG_ARGISNULL(0) && !gatehouse::operation::standby_is_stale()) {
    gatehouse::statement_text::note_secret();
    parties = parties_of_session(gatehouse::view_of(PG_GETARG_TEXT_PP(0)));
  }
  if (!parties.user.present || !is_live_account(parties.user)) {
    identity::sign_out();
    PG_RETURN_BOOL(false);
  }
  identity::sign_in({.parties = parties});
  PG_RETURN_BOOL(true);
}

// sign_in_with_access_token(token text, audience text) → boolean
extern "C" Datum gatehouse_identity_sign_in_with_access_token(PG_FUNCTION_ARGS) {
  sessions::AccessToken token = {};
  if (!PG_ARGISNULL(0)) {
    gatehouse::statement_text::note_secret();
    token = sessions::read_access_token(gatehouse::view_of(PG_GETARG_TEXT_PP(0)), PG_ARGISNULL(1) ? nullptr : PG_GETARG_TEXT_PP(1));
  }
  if (!token.is_valid) {
    identity::sign_out();
    PG_RETURN_BOOL(false);
  }
  identity::sign_in({.parties = token.parties, .is_restricted = token.is_restricted, .scopes = token.scopes});
  PG_RETURN_BOOL(true);
}

// sign_in_as(user_id uuid) → boolean: up to 0.5.
extern "C" Datum gatehouse_identity_sign_in_as(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) gatehouse::raise({.fault = gatehouse::Fault::kNullArgument, .subject = "user_id"});
  const identity::OptionalId user = id_of(*PG_GETARG_UUID_P(0));
  if (!is_live_account(user)) {
    identity::sign_out();
    PG_RETURN_BOOL(false);
  }
  identity::sign_in(impersonation_of(user));
  PG_RETURN_BOOL(true);
}

// sign_in_as(user_id uuid) → boolean: writes an event, but within a read-only transaction.
extern "C" Datum gatehouse_identity_sign_in_as_recorded(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) gatehouse::raise({.fault = gatehouse::Fault::kNullArgument, .subject = "user_id"});
  const identity::OptionalId user = id_of(*PG_GETARG_UUID_P(0));
  if (!is_live_account(user) || (!XactReadOnly && !record_impersonation(PG_GETARG_DATUM(0)))) {
    identity::sign_out();
    PG_RETURN_BOOL(false);
  }
  identity::sign_in(impersonation_of(user));
  PG_RETURN_BOOL(true);
}

// sign_out() → void
extern "C" Datum gatehouse_identity_sign_out(PG_FUNCTION_ARGS) {
  identity::sign_out();
  PG_RETURN_VOID();
}

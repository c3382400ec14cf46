// Refresh tokens as the session functions see them: made, located, recognised, succeeded. Edge.
#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/server_pg.h"
#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "crypto/token.h"
#include "sessions/refresh_token.h"
#include "statement_text/concern_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_sessions_digests_equal);
PG_FUNCTION_INFO_V1(gatehouse_sessions_make_token);
PG_FUNCTION_INFO_V1(gatehouse_sessions_make_successor);
PG_FUNCTION_INFO_V1(gatehouse_sessions_locate);
PG_FUNCTION_INFO_V1(gatehouse_sessions_token_matches);
}

namespace crypto = gatehouse::crypto;
namespace sessions = gatehouse::sessions;

namespace {

std::span<char, sessions::kTokenSize> characters_of(text* token) {
  return std::span<char, sessions::kTokenSize>{VARDATA(token), sessions::kTokenSize};
}

std::string_view token_argument(FunctionCallInfo fcinfo, int argument) {
  const std::string_view token = gatehouse::view_of(PG_GETARG_TEXT_PP(argument));
  if (!sessions::locate(token).well_formed)
    gatehouse::raise({.fault = gatehouse::Fault::kMalformedArgument, .subject = "token"});
  return token;
}

// (refresh_token text, token_digest bytea, ring_key_id integer [, locator_digest bytea])
Datum token_row(FunctionCallInfo fcinfo, text* token, const crypto::KeyRing::Key* key, std::int32_t key_id) {
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) gatehouse::raise({gatehouse::Fault::kInternal});
  const std::string_view made = gatehouse::view_of(token);
  std::array<Datum, 4> values = {
      PointerGetDatum(token),
      gatehouse::bytea_datum(crypto::token_digest(made, key)),
      Int32GetDatum(key_id),
      gatehouse::bytea_datum(sessions::locate(made).locator_digest),
  };
  std::array<bool, 4> nulls{};
  return HeapTupleGetDatum(heap_form_tuple(row, values.data(), nulls.data()));
}

}  // namespace

// make_refresh_token(OUT refresh_token text, OUT token_digest bytea, OUT ring_key_id integer, OUT locator_digest bytea)
extern "C" Datum gatehouse_sessions_make_token(PG_FUNCTION_ARGS) {
  gatehouse::statement_text::note_secret();
  const crypto::RingKey ring_key = crypto::current_ring_key();
  text* token = gatehouse::allocate_text(sessions::kTokenSize);
  gatehouse::value_or_raise(
      gatehouse::run_core([&] { return sessions::make_refresh_token(characters_of(token)); }));
  return token_row(fcinfo, token, ring_key.key, ring_key.id);
}

// make_successor(token text, under_key integer, OUT refresh_token text, OUT token_digest bytea, OUT ring_key_id integer,
// OUT locator_digest bytea): under_key NULL is the current key; all NULL where the ring lacks the key
extern "C" Datum gatehouse_sessions_make_successor(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "token"});
  const std::string_view token = token_argument(fcinfo, 0);
  crypto::RingKey ring_key = crypto::current_ring_key();
  if (!PG_ARGISNULL(1)) {
    const crypto::StoredRingKey stored = crypto::stored_ring_key(PG_GETARG_INT32(1));
    if (!stored.found) PG_RETURN_NULL();
    ring_key = {stored.key, PG_GETARG_INT32(1)};
  }
  text* successor = gatehouse::allocate_text(sessions::kTokenSize);
  gatehouse::value_or_raise(gatehouse::run_core(
      [&] { return sessions::make_successor(token, ring_key.key, characters_of(successor)); }));
  return token_row(fcinfo, successor, ring_key.key, ring_key.id);
}

// locate_refresh_token(token text) → bytea: the locator's digest, NULL where the text is no refresh token
extern "C" Datum gatehouse_sessions_locate(PG_FUNCTION_ARGS) {
  gatehouse::statement_text::note_secret();
  const sessions::LocatedToken located = sessions::locate(gatehouse::view_of(PG_GETARG_TEXT_PP(0)));
  if (!located.well_formed) PG_RETURN_NULL();
  PG_RETURN_DATUM(gatehouse::bytea_datum(located.locator_digest));
}

// refresh_token_matches(token text, token_digest bytea, ring_key_id integer) → boolean: NULL where the ring lacks the key
extern "C" Datum gatehouse_sessions_token_matches(PG_FUNCTION_ARGS) {
  const crypto::StoredRingKey ring_key = crypto::stored_ring_key(PG_GETARG_INT32(2));
  if (!ring_key.found) PG_RETURN_NULL();
  const crypto::Digest presented =
      crypto::token_digest(gatehouse::view_of(PG_GETARG_TEXT_PP(0)), ring_key.key);
  PG_RETURN_BOOL(crypto::digests_equal(presented, gatehouse::bytes_of(PG_GETARG_BYTEA_PP(1))));
}

// digests_equal(a bytea, b bytea) → boolean
extern "C" Datum gatehouse_sessions_digests_equal(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(crypto::digests_equal(gatehouse::bytes_of(PG_GETARG_BYTEA_PP(0)), gatehouse::bytes_of(PG_GETARG_BYTEA_PP(1))));
}

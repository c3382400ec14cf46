// The primitives that SQL calls: password hashes, tokens, digests, identifiers. Edge.
#include <time.h>

#include <algorithm>

#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/server_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/encoding.h"
#include "crypto/hash_times_pg.h"
#include "crypto/key_ring_pg.h"
#include "crypto/password_gate_pg.h"
#include "crypto/password_hash.h"
#include "crypto/password_text_pg.h"
#include "crypto/token.h"
#include "crypto/uuid_v7.h"
#include "statement_text/concern_pg.h"

extern "C" {
#include "access/detoast.h"
#include "utils/uuid.h"
PG_FUNCTION_INFO_V1(gatehouse_crypto_hash_password);
PG_FUNCTION_INFO_V1(gatehouse_crypto_verify_password);
PG_FUNCTION_INFO_V1(gatehouse_crypto_needs_rehash);
PG_FUNCTION_INFO_V1(gatehouse_crypto_generate_token);
PG_FUNCTION_INFO_V1(gatehouse_crypto_token_digest);
PG_FUNCTION_INFO_V1(gatehouse_crypto_uuid_v7);
}

namespace crypto = gatehouse::crypto;
using gatehouse::run_core;
using gatehouse::value_or_raise;

namespace {

std::string_view hash_argument(FunctionCallInfo fcinfo, int argument) {
  gatehouse::statement_text::note_secret();
  if (PG_ARGISNULL(argument)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "hash"});
  if (toast_raw_datum_size(PG_GETARG_DATUM(argument)) - VARHDRSZ > crypto::kMaxHashBytes) {
    gatehouse::raise({gatehouse::Fault::kHashMalformed});
  }
  return gatehouse::view_of(PG_GETARG_TEXT_PP(argument));
}

}  // namespace

// hash_password(password text) → text
extern "C" Datum gatehouse_crypto_hash_password(PG_FUNCTION_ARGS) {
  const crypto::Password password = value_or_raise(crypto::take_password(fcinfo, 0));
  crypto::HashTimes& times = crypto::hash_times();
  const crypto::HashText hash = value_or_raise(crypto::run_gated([&] {
    return crypto::hash_password(password.text, gatehouse::settings::argon2_cost(),
                                 gatehouse::settings::hash_ceilings(), times);
  }));
  return gatehouse::text_datum(hash.view());
}

// verify_password(password text, hash text) → boolean
extern "C" Datum gatehouse_crypto_verify_password(PG_FUNCTION_ARGS) {
  const crypto::Password password = value_or_raise(crypto::take_password(fcinfo, 0));
  const std::string_view hash = hash_argument(fcinfo, 1);
  PG_RETURN_BOOL(value_or_raise(crypto::run_gated(
      [&] { return crypto::verify_password(password.text, hash, gatehouse::settings::hash_ceilings()); })));
}

// needs_rehash(hash text) → boolean
extern "C" Datum gatehouse_crypto_needs_rehash(PG_FUNCTION_ARGS) {
  const std::string_view hash = hash_argument(fcinfo, 0);
  PG_RETURN_BOOL(
      value_or_raise(run_core([&] { return crypto::needs_rehash(hash, gatehouse::settings::argon2_cost()); })));
}

// generate_token(bytes integer DEFAULT 32) → text
extern "C" Datum gatehouse_crypto_generate_token(PG_FUNCTION_ARGS) {
  const std::int32_t bytes = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0);
  if (bytes < static_cast<std::int32_t>(crypto::kMinTokenBytes) ||
      bytes > static_cast<std::int32_t>(crypto::kMaxTokenBytes)) {
    gatehouse::raise({gatehouse::Fault::kTokenSizeOutOfRange});
  }
  const auto size = static_cast<std::size_t>(bytes);
  text* token = gatehouse::allocate_text(crypto::base64url_size(size));
  value_or_raise(run_core([&] {
    return crypto::generate_token(size, {VARDATA(token), crypto::base64url_size(size)});
  }));
  PG_RETURN_TEXT_P(token);
}

// token_digest(token text) → bytea
extern "C" Datum gatehouse_crypto_token_digest(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "token"});
  gatehouse::statement_text::note_secret();
  const text* token = PG_GETARG_TEXT_PP(0);
  return gatehouse::bytea_datum(crypto::token_digest(gatehouse::view_of(token), crypto::current_ring_key().key));
}

// uuid_v7() → uuid
extern "C" Datum gatehouse_crypto_uuid_v7(PG_FUNCTION_ARGS) {
  static crypto::UuidClock clock;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const crypto::Uuid value = crypto::uuid_v7(
      clock, static_cast<std::uint64_t>(now.tv_sec) * 1000000000u + static_cast<std::uint64_t>(now.tv_nsec));
  auto* result = static_cast<pg_uuid_t*>(palloc(UUID_LEN));
  std::copy(value.begin(), value.end(), result->data);
  PG_RETURN_UUID_P(result);
}

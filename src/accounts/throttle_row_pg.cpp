#include "accounts/throttle_row_pg.h"

#include <sodium.h>

#include "boundary/raise_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/encoding.h"
#include "crypto/key_ring_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_accounts_throttle_subject);
PG_FUNCTION_INFO_V1(gatehouse_accounts_login_digest);
PG_FUNCTION_INFO_V1(gatehouse_accounts_count_failure);
PG_FUNCTION_INFO_V1(gatehouse_accounts_current_count);
PG_FUNCTION_INFO_V1(gatehouse_accounts_reset_count);
}

namespace gatehouse::accounts {

namespace {

// The columns of gatehouse.login_throttles.
enum Column : AttrNumber { kSubject = 1, kFailures, kCountedAt, kLockedUntil };

Subject subject_of(const bytea* value, const char* name) {
  const std::span<const unsigned char> bytes = bytes_of(value);
  Subject subject;
  if (bytes.size() != subject.size()) raise({.fault = Fault::kMalformedArgument, .subject = name});
  memcpy(subject.data(), bytes.data(), bytes.size());
  return subject;
}

Datum row_datum(FunctionCallInfo fcinfo, const Subject& subject, const FailureCount& count) {
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) raise({Fault::kInternal});
  std::array<Datum, 4> values = {
      bytea_datum(subject),
      Int32GetDatum(count.failures),
      TimestampTzGetDatum(count.counted_at),
      TimestampTzGetDatum(count.locked_until),
  };
  std::array<bool, 4> nulls = {false, false, false, count.locked_until == 0};
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values.data(), nulls.data()));
}

}  // namespace

Counted counted_argument(FunctionCallInfo fcinfo, int argument, const char* name) {
  if (PG_ARGISNULL(argument)) raise({.fault = Fault::kNullArgument, .subject = name});
  HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(argument);
  std::array<bool, 4> nulls;
  const Datum subject = GetAttributeByNum(row, kSubject, &nulls[0]);
  const Datum failures = GetAttributeByNum(row, kFailures, &nulls[1]);
  const Datum counted_at = GetAttributeByNum(row, kCountedAt, &nulls[2]);
  const Datum locked_until = GetAttributeByNum(row, kLockedUntil, &nulls[3]);
  if (nulls[0] || nulls[1] || nulls[2]) raise({.fault = Fault::kNullArgument, .subject = name});
  return {
      .subject = subject_of(DatumGetByteaPP(subject), name),
      .stored_count = {.failures = DatumGetInt32(failures),
                       .counted_at = DatumGetTimestampTz(counted_at),
                       .locked_until = nulls[3] ? 0 : DatumGetTimestampTz(locked_until)},
      .stored = DatumGetInt32(failures) > 0,
  };
}

bool login_digest(std::string_view login, LoginDigest& into) {
  const Result<const crypto::KeyRing*> ring = crypto::find_key_ring();
  std::array<unsigned char, crypto::kKeyBytes> key;
  if (ring.ok() && ring.value != nullptr) {
    crypto::derive_key(ring.value->current(), crypto::Purpose::kLoginDigest, key);
  } else if (!server_key(key)) {
    return false;
  }
  std::array<unsigned char, 16> digest;
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(login.data()), login.size(),
                     key.data(), key.size());
  sodium_memzero(key.data(), key.size());
  sodium_bin2hex(into.data(), into.size(), digest.data(), digest.size());
  return true;
}

Datum interval_datum(Microseconds length) {
  auto* interval = static_cast<Interval*>(palloc0(sizeof(Interval)));
  interval->time = (length + kSecond - 1) / kSecond * kSecond;
  return IntervalPGetDatum(interval);
}

}  // namespace gatehouse::accounts

namespace accounts = gatehouse::accounts;

// throttle_subject(kind text, value text) → bytea: whose failures are counted, 16 bytes
extern "C" Datum gatehouse_accounts_throttle_subject(PG_FUNCTION_ARGS) {
  accounts::Subject subject;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, subject.size());
  for (const int argument : {0, 1}) {
    const std::string_view part = gatehouse::view_of(PG_GETARG_TEXT_PP(argument));
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
    // No kind holds a NUL, so that kind and value can't be confused.
    if (argument == 0) crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(""), 1);
  }
  crypto_generichash_final(&state, subject.data(), subject.size());
  return gatehouse::bytea_datum(subject);
}

// login_digest(login text) → text: a keyed digest of what was typed; NULL where there is no key
extern "C" Datum gatehouse_accounts_login_digest(PG_FUNCTION_ARGS) {
  accounts::LoginDigest digest;
  if (!accounts::login_digest(gatehouse::view_of(PG_GETARG_TEXT_PP(0)), digest)) PG_RETURN_NULL();
  return CStringGetTextDatum(digest.data());
}

// count_failure(stored gatehouse.login_throttles, of_address boolean) → gatehouse.login_throttles: the row after a failure
extern "C" Datum gatehouse_accounts_count_failure(PG_FUNCTION_ARGS) {
  accounts::Counted counted = accounts::counted_argument(fcinfo, 0, "stored");
  const TimestampTz now = GetCurrentTimestamp();
  if (PG_GETARG_BOOL(1)) {
    accounts::AddressLimit{gatehouse::settings::address_threshold()}.admit(counted.stored_count, now);
  } else {
    accounts::Lockout{gatehouse::settings::lockout_threshold(), gatehouse::settings::lockout_duration_us()}.admit(
        counted.stored_count, now);
  }
  PG_RETURN_DATUM(accounts::row_datum(fcinfo, counted.subject, counted.stored_count));
}

// current_count(stored gatehouse.login_throttles) → gatehouse.login_throttles: as shared memory has it, else as stored
extern "C" Datum gatehouse_accounts_current_count(PG_FUNCTION_ARGS) {
  const accounts::Counted counted = accounts::counted_argument(fcinfo, 0, "stored");
  PG_RETURN_DATUM(accounts::row_datum(fcinfo, counted.subject, accounts::current_count(counted)));
}

// reset_count(stored gatehouse.login_throttles) → boolean: false without shared memory
extern "C" Datum gatehouse_accounts_reset_count(PG_FUNCTION_ARGS) {
  const accounts::Counted counted = accounts::counted_argument(fcinfo, 0, "stored");
  accounts::reset(counted);
  PG_RETURN_BOOL(accounts::counts_in_shared_memory());
}

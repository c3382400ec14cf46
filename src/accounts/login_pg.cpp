// The attempt to log in, which is counted before it is judged and costs the same for whoever asks. Edge.
#include "accounts/throttle_pg.h"
#include "accounts/throttle_row_pg.h"
#include "audit/event_queue_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/server_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/hash_times_pg.h"
#include "crypto/password_gate_pg.h"
#include "crypto/password_hash.h"
#include "crypto/password_text_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_accounts_verify_login);
PG_FUNCTION_INFO_V1(gatehouse_accounts_attempt_login);
PG_FUNCTION_INFO_V1(gatehouse_accounts_refuse_busy);
PG_FUNCTION_INFO_V1(gatehouse_accounts_rehash);
}

namespace accounts = gatehouse::accounts;
namespace audit = gatehouse::audit;
namespace crypto = gatehouse::crypto;
namespace settings = gatehouse::settings;

namespace {

struct Presented {
  std::string_view password;
  std::string_view hash;  // empty where there is none, or where no password of this form can match
};

// A password that no account can have is refused as a wrong one is, after the same work.
Presented take_login(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "password"});
  const gatehouse::Result<crypto::Password> password = crypto::take_password(fcinfo, 0);
  if (!password.ok()) return {"decoy", {}};
  return {password.value.text, PG_ARGISNULL(1) ? std::string_view{} : gatehouse::view_of(PG_GETARG_TEXT_PP(1))};
}

// Within the gate.
gatehouse::Result<bool> verify(const Presented& presented) {
  crypto::HashTimes& times = crypto::hash_times();
  return gatehouse::run_core([&] {
    return crypto::verify_login(presented.password, presented.hash, settings::argon2_cost(), settings::hash_ceilings(),
                                times);
  });
}

enum class Outcome { kMatch, kMismatch, kLocked, kBusy };
constexpr std::array<const char*, 4> kOutcomeNames = {"match", "mismatch", "locked", "busy"};
constexpr std::array<const char*, 3> kLimitNames = {"", "account", "address"};

struct Judgement {
  Outcome outcome;
  accounts::Verdict verdict;
};

// Nothing raises between the gate's opening and its closing.
gatehouse::Result<Judgement> judge_within_gate(const Presented& presented, const accounts::Attempt& attempt) {
  const accounts::Verdict admitted = accounts::admit(attempt);
  if (admitted.refused_by != accounts::Limit::kNone) return Judgement{Outcome::kLocked, admitted};
  const gatehouse::Result<bool> matches = verify(presented);
  if (!matches.ok()) {
    accounts::take_back(attempt);
    return matches.refusal;
  }
  if (!matches.value) return Judgement{Outcome::kMismatch, admitted};
  accounts::succeed(attempt);
  return Judgement{Outcome::kMatch, {}};
}

// Who is locked doesn't wait for a place at the gate.
gatehouse::Result<Judgement> judge_login(const Presented& presented, const accounts::Attempt& attempt) {
  const accounts::Verdict before = accounts::judge(attempt);
  if (before.refused_by != accounts::Limit::kNone) return Judgement{Outcome::kLocked, before};
  if (!crypto::enter_gate()) return Judgement{Outcome::kBusy, {}};
  const gatehouse::Result<Judgement> judged = judge_within_gate(presented, attempt);
  crypto::leave_gate();
  return judged;
}

// Whether it is in the queue.
bool report(const Judgement& judgement, const audit::RefusedLogin& login) {
  const accounts::Verdict& verdict = judgement.verdict;
  if (judgement.outcome == Outcome::kMismatch) return audit::report_failed_login(login, verdict.locks);
  if (judgement.outcome != Outcome::kLocked || !verdict.to_report) return false;
  return audit::report_locked_login(login, kLimitNames[static_cast<std::size_t>(verdict.refused_by)], verdict.refused);
}

}  // namespace

// verify_login(password text, hash text) → boolean: hash is NULL where there is no such account or password. Of SQL version
// 0.1; it counts nothing.
extern "C" Datum gatehouse_accounts_verify_login(PG_FUNCTION_ARGS) {
  const Presented presented = take_login(fcinfo);
  PG_RETURN_BOOL(gatehouse::value_or_raise(crypto::run_gated([&] { return verify(presented); })));
}

// attempt_login(password text, hash text, account gatehouse.login_throttles, address gatehouse.login_throttles, user_id uuid,
// login text, ip inet, user_agent text) → gatehouse.login_attempt: address is NULL where none is counted
extern "C" Datum gatehouse_accounts_attempt_login(PG_FUNCTION_ARGS) {
  const Presented presented = take_login(fcinfo);
  accounts::Attempt attempt = {};
  attempt.account = accounts::counted_argument(fcinfo, 2, "account");
  attempt.has_address = !PG_ARGISNULL(3);
  if (attempt.has_address) attempt.address = accounts::counted_argument(fcinfo, 3, "address");

  accounts::LoginDigest digest;
  const bool has_digest = !PG_ARGISNULL(5) && accounts::login_digest(gatehouse::view_of(PG_GETARG_TEXT_PP(5)), digest);
  const audit::RefusedLogin login = {
      .user_id = PG_ARGISNULL(4) ? audit::OptionalId{} : audit::OptionalId{true, *PG_GETARG_UUID_P(4)},
      .ip = PG_ARGISNULL(6) ? nullptr : PG_GETARG_INET_PP(6),
      .user_agent = PG_ARGISNULL(7) ? std::string_view{} : gatehouse::view_of(PG_GETARG_TEXT_PP(7)),
      .digest = has_digest ? std::string_view{digest.data()} : std::string_view{},
  };

  // From the hash to the report nothing looks for an interrupt.
  const Judgement judgement = gatehouse::value_or_raise(judge_login(presented, attempt));
  const bool reported = report(judgement, login);
  const auto& [outcome, verdict] = judgement;
  const bool refused = outcome == Outcome::kLocked;
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) gatehouse::raise({gatehouse::Fault::kInternal});
  std::array<Datum, 6> values = {
      CStringGetTextDatum(kOutcomeNames[static_cast<std::size_t>(outcome)]),
      refused ? accounts::interval_datum(verdict.retry_after) : Datum{0},
      refused ? CStringGetTextDatum(kLimitNames[static_cast<std::size_t>(verdict.refused_by)]) : Datum{0},
      BoolGetDatum(outcome == Outcome::kMismatch && verdict.locks),
      BoolGetDatum(accounts::counts_in_shared_memory()),
      BoolGetDatum(reported),
  };
  std::array<bool, 6> nulls = {false, !refused, !refused};
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values.data(), nulls.data())));
}

// refuse_busy() → void: raises what everything that hashes raises where the gate was full for too long
extern "C" Datum gatehouse_accounts_refuse_busy(PG_FUNCTION_ARGS) { gatehouse::raise({gatehouse::Fault::kGateFull}); }

// rehash(password text, hash text) → text: a hash at today's cost where this one is weaker; NULL where it isn't, and where none
// can be made now, since a login that succeeded doesn't fail of it
extern "C" Datum gatehouse_accounts_rehash(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(1)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "hash"});
  const crypto::Password password = gatehouse::value_or_raise(crypto::take_password(fcinfo, 0));
  const std::string_view hash = gatehouse::view_of(PG_GETARG_TEXT_PP(1));
  const gatehouse::Result<bool> outdated =
      gatehouse::run_core([&] { return crypto::needs_rehash(hash, settings::argon2_cost()); });
  if (!outdated.ok() || !outdated.value) PG_RETURN_NULL();
  crypto::HashTimes& times = crypto::hash_times();
  const gatehouse::Result<crypto::HashText> fresh = crypto::run_gated([&] {
    return crypto::hash_password(password.text, settings::argon2_cost(), settings::hash_ceilings(), times);
  });
  if (!fresh.ok()) PG_RETURN_NULL();
  return gatehouse::text_datum(fresh.value.view());
}

// The policy for new passwords and for hashes that are brought along, to raise and to tell. Edge.
#include "accounts/password_policy.h"
#include "boundary/error_table.h"
#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/server_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/password_hash.h"
#include "crypto/password_text_pg.h"
#include "statement_text/concern_pg.h"

extern "C" {
#include "access/detoast.h"
PG_FUNCTION_INFO_V1(gatehouse_accounts_check_new_password);
PG_FUNCTION_INFO_V1(gatehouse_accounts_check_account_password);
PG_FUNCTION_INFO_V1(gatehouse_accounts_password_fault);
PG_FUNCTION_INFO_V1(gatehouse_accounts_blocked_password_digest);
PG_FUNCTION_INFO_V1(gatehouse_accounts_stored_hash_fault);
}

namespace accounts = gatehouse::accounts;
namespace crypto = gatehouse::crypto;
namespace settings = gatehouse::settings;
using gatehouse::Done;
using gatehouse::Fault;
using gatehouse::Refusal;

namespace {

std::string_view name_argument(FunctionCallInfo fcinfo, int argument) {
  return PG_ARGISNULL(argument) ? std::string_view{} : gatehouse::view_of(PG_GETARG_TEXT_PP(argument));
}

gatehouse::Result<Done> judge_password(FunctionCallInfo fcinfo) {
  const gatehouse::Result<crypto::Password> password = crypto::take_password(fcinfo, 0);
  if (!password.ok()) return password.refusal;
  const accounts::Owner owner = {name_argument(fcinfo, 1), name_argument(fcinfo, 2)};
  const accounts::PasswordRules rules = {settings::password_min_length(), settings::password_composition()};
  return gatehouse::run_core([&] { return accounts::check_password(password.value.text, owner, rules); });
}

gatehouse::Result<Done> judge_hash(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return Refusal{Fault::kNullArgument, 0, "hash"};
  gatehouse::statement_text::note_secret();
  if (toast_raw_datum_size(PG_GETARG_DATUM(0)) - VARHDRSZ > crypto::kMaxHashBytes) return Fault::kHashMalformed;
  const std::string_view hash = gatehouse::view_of(PG_GETARG_TEXT_PP(0));
  return gatehouse::run_core([&] { return crypto::check_stored_hash(hash, settings::hash_ceilings()); });
}

// A fault of the value (SQLSTATE class 22, data exception) is told; another one is raised.
Datum fault_or_null(FunctionCallInfo fcinfo, const gatehouse::Result<Done>& judged) {
  if (judged.ok()) PG_RETURN_NULL();
  const char* state = gatehouse::error_entry(judged.refusal.fault).sqlstate;
  if (state[0] != '2' || state[1] != '2') gatehouse::raise(judged.refusal);
  std::array<char, 256> message;
  gatehouse::format_message(judged.refusal, message);
  PG_RETURN_TEXT_P(cstring_to_text(message.data()));
}

}  // namespace

// check_new_password(password text) → void: raises where it is too short. Of SQL versions 0.1 and 0.2.
extern "C" Datum gatehouse_accounts_check_new_password(PG_FUNCTION_ARGS) {
  const crypto::Password password = gatehouse::value_or_raise(crypto::take_password(fcinfo, 0));
  const int least = settings::password_min_length();
  if (password.code_points < least) gatehouse::raise({Fault::kPasswordTooShort, least});
  PG_RETURN_VOID();
}

// check_new_password(password text, email text, username text) → void: raises where the policy is broken; email and
// username may be NULL
extern "C" Datum gatehouse_accounts_check_account_password(PG_FUNCTION_ARGS) {
  gatehouse::value_or_raise(judge_password(fcinfo));
  PG_RETURN_VOID();
}

// password_fault(password text, email text, username text) → text: the message of what check_new_password raises; NULL
// where it doesn't
extern "C" Datum gatehouse_accounts_password_fault(PG_FUNCTION_ARGS) {
  return fault_or_null(fcinfo, judge_password(fcinfo));
}

// blocked_password_digest(password text) → bytea: NULL where no policy allows the password
extern "C" Datum gatehouse_accounts_blocked_password_digest(PG_FUNCTION_ARGS) {
  const gatehouse::Result<crypto::Password> password = crypto::take_password(fcinfo, 0);
  if (!password.ok() || password.value.code_points < accounts::kLeastPasswordLength) PG_RETURN_NULL();
  return gatehouse::bytea_datum(gatehouse::value_or_raise(gatehouse::run_core([&] {
    return gatehouse::Result<accounts::BlockedDigest>(accounts::blocked_password_digest(password.value.text));
  })));
}

// stored_hash_fault(hash text) → text: the message of what verify_password raises; NULL where it doesn't
extern "C" Datum gatehouse_accounts_stored_hash_fault(PG_FUNCTION_ARGS) {
  return fault_or_null(fcinfo, judge_hash(fcinfo));
}

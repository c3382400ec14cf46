// What accounts need of the core beyond the primitives: the policy for new passwords, and the
// verification at a login, which costs the same for whoever asks. Edge.
#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/server_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/password_hash.h"
#include "crypto/password_text_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_accounts_check_new_password);
PG_FUNCTION_INFO_V1(gatehouse_accounts_verify_login);
}

namespace crypto = gatehouse::crypto;
namespace settings = gatehouse::settings;

// check_new_password(password text) → void: raises where the policy is broken
extern "C" Datum gatehouse_accounts_check_new_password(PG_FUNCTION_ARGS) {
  const crypto::Password password = gatehouse::value_or_raise(crypto::take_password(fcinfo, 0));
  const int least = settings::password_min_length();
  if (password.code_points < least) gatehouse::raise({gatehouse::Fault::kPasswordTooShort, least});
  PG_RETURN_VOID();
}

// verify_login(password text, hash text) → boolean: hash is NULL where there is no such account or password
extern "C" Datum gatehouse_accounts_verify_login(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "password"});
  // A password that no account can have is refused as a wrong one is, after the same work.
  const gatehouse::Result<crypto::Password> password = crypto::take_password(fcinfo, 0);
  const bool acceptable = password.ok() && !PG_ARGISNULL(1);
  const std::string_view hash = acceptable ? gatehouse::view_of(PG_GETARG_TEXT_PP(1)) : std::string_view{};
  const std::string_view presented = password.ok() ? password.value.text : std::string_view{"decoy"};
  PG_RETURN_BOOL(gatehouse::value_or_raise(gatehouse::run_core([&] {
    return crypto::verify_login(presented, hash, settings::argon2_cost(), settings::hash_ceilings());
  })));
}

// Counts of failures as SQL sees them: rows of gatehouse.login_throttles. Edge.
#pragma once

#include "accounts/throttle_pg.h"
#include "boundary/server_pg.h"

namespace gatehouse::accounts {

// The argument, a row of gatehouse.login_throttles; one without failures is not stored.
Counted counted_argument(FunctionCallInfo fcinfo, int argument, const char* name);

// A keyed digest of what was typed, 32 hexadecimal digits and a NUL; false where there is no key. Under the key ring, else under a
// key that lives as long as the server. A ring that can't be used is no reason to lose a failure.
using LoginDigest = std::array<char, 33>;
bool login_digest(std::string_view login, LoginDigest& into);

// Rounded up to whole seconds: who comes back then isn't too early.
Datum interval_datum(Microseconds length);

}  // namespace gatehouse::accounts

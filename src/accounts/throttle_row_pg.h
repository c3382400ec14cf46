// Counts of failures as SQL sees them: rows of gatehouse.login_throttles. Edge.
#pragma once

#include "accounts/throttle_pg.h"
#include "boundary/server_pg.h"

namespace gatehouse::accounts {

// The argument, a row of gatehouse.login_throttles; one without failures is not stored.
Counted counted_argument(FunctionCallInfo fcinfo, int argument, const char* name);

// Rounded up to whole seconds: who comes back then isn't too early.
Datum interval_datum(Microseconds length);

}  // namespace gatehouse::accounts

// How old what a standby shows may be, and the signs of life by which it can tell. Edge.
//
// A standby knows when the last transaction that it has replayed ended, by the primary's clock. Of an idle primary that is
// long ago; so the launcher there writes a small message every third of gatehouse.max_standby_staleness in which nothing
// else has ended.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::operation {

// This server is a standby, and what it shows is older than the bound. Costs nothing on a primary.
bool standby_is_stale();

// As health_check shows it.
struct StandbyState {
  bool in_recovery;
  bool bounded;         // preloaded, and there is a bound
  TimestampTz as_of;    // of a standby, what it shows
};
StandbyState standby_state();

// For the launcher, outside of a transaction: writes a sign of life where one is due. May raise.
void keep_standbys_current();
// How long the launcher may wait, at most `milliseconds`, until one is.
long until_sign_of_life(long milliseconds);

}  // namespace gatehouse::operation

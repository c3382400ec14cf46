#include "operation/standby_staleness_pg.h"

#include "boundary/settings_pg.h"
#include "boundary/shared_memory_pg.h"

extern "C" {
#include "access/xlogrecovery.h"
#include "replication/walsender.h"
#include "replication/walsender_private.h"
#include "utils/snapmgr.h"
}

namespace gatehouse::operation {

namespace {

// What a standby shows. Until it has replayed the end of a transaction it knows none; it has been there since its start.
TimestampTz replayed_until() {
  const TimestampTz last = GetLatestXTime();
  return last != 0 ? last : PgStartTime;
}

bool is_bounded() {
  return settings::max_standby_staleness_ms() > 0 && shared::place() == shared::Place::kPreloaded;
}

// Standbys, and whatever else streams.
bool somebody_follows() {
  for (int i = 0; i < max_wal_senders; ++i) {
    WalSnd* sender = &WalSndCtl->walsnds[i];
    SpinLockAcquire(&sender->mutex);
    const bool is_there = sender->pid != 0;
    SpinLockRelease(&sender->mutex);
    if (is_there) return true;
  }
  return false;
}

// One more than the newest transaction with an id that has ended, which standbys see the end of.
TransactionId ended_until() {
  StartTransactionCommand();
  const TransactionId until = GetTransactionSnapshot()->xmax;
  CommitTransactionCommand();
  return until;
}

void write_sign_of_life() {
  StartTransactionCommand();
  server::write_transactional_message("gatehouse");
  CommitTransactionCommand();
}

TimestampTz looked_at;
TransactionId ended_then;

long interval_ms() { return settings::max_standby_staleness_ms() / 3; }

}  // namespace

bool standby_is_stale() {
  if (!RecoveryInProgress() || !is_bounded()) return false;
  return GetCurrentTimestamp() - replayed_until() > std::int64_t{settings::max_standby_staleness_ms()} * 1000;
}

StandbyState standby_state() {
  if (!RecoveryInProgress()) return {};
  return {.in_recovery = true, .bounded = is_bounded(), .as_of = replayed_until()};
}

void keep_standbys_current() {
  if (interval_ms() == 0 || until_sign_of_life(1) > 0) return;
  looked_at = GetCurrentTimestamp();
  const TransactionId until = ended_until();
  if (until == ended_then && somebody_follows()) {
    write_sign_of_life();
    // Its own end is none of others.
    ended_then = ended_until();
  } else {
    ended_then = until;
  }
}

long until_sign_of_life(long milliseconds) {
  if (interval_ms() == 0) return milliseconds;
  const TimestampTz now = GetCurrentTimestamp();
  if (now < looked_at) return 0;
  const long left = interval_ms() - static_cast<long>((now - looked_at) / 1000);
  return Max(0, Min(milliseconds, left));
}

}  // namespace gatehouse::operation

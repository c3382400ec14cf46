#include "accounts/throttle_pg.h"

#include <sodium.h>

#include "boundary/keyed_table_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "boundary/transaction_end_pg.h"
#include "operation/worker_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_accounts_take_failure_counts);
}

namespace gatehouse::accounts {

namespace {

struct Throttle {
  std::array<unsigned char, 32> server_key;
  pg_atomic_uint64 lost;
  KeyedTable<ThrottleEntry> counts;  // the last: its entries follow
};
constexpr std::size_t kCountsOffset = offsetof(Throttle, counts);
using LockedSet = KeyedTable<ThrottleEntry>::LockedSet;

Throttle* throttle() { return static_cast<Throttle*>(shared::find(shared::Part::kThrottle)); }

ThrottleEntry& claim(Throttle* all, const LockedSet& locked, const Counted& counted) {
  const ClaimedEntry claimed = claim_entry(locked.set(), locked.key, counted.stored_count, counted.stored);
  if (claimed.lost) pg_atomic_fetch_add_u64(&all->lost, 1);
  return claimed.entry;
}

// Changes a count by `change`, which gives whether it did.
template <class Change>
auto with_count(Throttle* all, const Counted& counted, Change change) {
  const LockedSet locked = all->counts.lock_set(counted.subject);
  ThrottleEntry& entry = claim(all, locked, counted);
  const auto result = change(entry);
  entry.changed();
  const bool unsaved = entry.unsaved;
  locked.leave();
  if (unsaved) operation::wake_worker();
  return result;
}

Lockout lockout() { return {settings::lockout_threshold(), settings::lockout_duration_us()}; }
AddressLimit address_limit() { return {settings::address_threshold()}; }

FailureCount look_at(Throttle* all, const Counted& counted) {
  const LockedSet locked = all->counts.lock_set(counted.subject);
  const ThrottleEntry* found = locked.find();
  const FailureCount count = found != nullptr ? found->count : counted.stored_count;
  locked.leave();
  return count;
}

// A refusal, and whether it is one to report.
Verdict refusal(Throttle* all, const Counted& counted, Limit by, const Admission& admission) {
  Verdict verdict = {.refused_by = by, .retry_after = admission.retry_after};
  if (all == nullptr) return verdict;
  const LockedSet locked = all->counts.lock_set(counted.subject);
  ThrottleEntry& entry = claim(all, locked, counted);
  ++entry.unreported;
  const Microseconds now = GetCurrentTimestamp();
  if (now - entry.reported_at >= kMinute || now < entry.reported_at) {
    verdict.to_report = true;
    verdict.refused = entry.unreported;
    entry.unreported = 0;
    entry.reported_at = now;
  }
  locked.leave();
  return verdict;
}

// What this transaction has taken to store, it has stored when it commits. A count that has changed since is still unsaved,
// and what may yet be rolled back is stored again.
bool has_taken;

void settle(const TransactionEnd& end) {
  if (!has_taken) return;
  has_taken = false;
  throttle()->counts.visit_all(LW_EXCLUSIVE, [&](ThrottleEntry& entry) {
    if (entry.taken_by != MyProcPid) return;
    entry.taken_by = 0;
    if (!end.lasting) return;
    entry.stored = true;
    if (entry.version == entry.taken_version) {
      entry.unsaved = false;
      entry.stored = entry.count.failures > 0;
    }
  });
}

}  // namespace

std::size_t throttle_size(const shared::Sizes& sizes) {
  return kCountsOffset + KeyedTable<ThrottleEntry>::size(sizes.max_throttle_entries);
}

void initialize_throttle(void* at, const shared::Sizes& sizes, int lock_tranche) {
  memset(at, 0, throttle_size(sizes));
  auto* fresh = static_cast<Throttle*>(at);
  randombytes_buf(fresh->server_key.data(), fresh->server_key.size());
  fresh->counts.initialize(sizes.max_throttle_entries, lock_tranche);
  pg_atomic_init_u64(&fresh->lost, 0);
}

bool counts_in_shared_memory() { return throttle() != nullptr; }

Verdict judge(const Attempt& attempt) {
  Throttle* all = throttle();
  const Microseconds now = GetCurrentTimestamp();
  const auto count_of = [&](const Counted& counted) {
    return all != nullptr ? look_at(all, counted) : counted.stored_count;
  };
  const Admission account = lockout().judge(count_of(attempt.account), now);
  if (!account.admitted) return refusal(all, attempt.account, Limit::kAccount, account);
  if (!attempt.has_address) return {};
  const Admission address = address_limit().judge(count_of(attempt.address), now);
  if (!address.admitted) return refusal(all, attempt.address, Limit::kAddress, address);
  return {};
}

Verdict admit(const Attempt& attempt) {
  Throttle* all = throttle();
  if (all == nullptr) return {};
  const Microseconds now = GetCurrentTimestamp();
  if (attempt.has_address) {
    const Admission address = with_count(all, attempt.address, [&](ThrottleEntry& entry) {
      return address_limit().admit(entry.count, now);
    });
    if (!address.admitted) return refusal(all, attempt.address, Limit::kAddress, address);
  }
  const Admission account =
      with_count(all, attempt.account, [&](ThrottleEntry& entry) { return lockout().admit(entry.count, now); });
  if (account.admitted) return {.locks = account.locks};
  if (attempt.has_address) {
    with_count(all, attempt.address, [](ThrottleEntry& entry) { return address_limit().take_back(entry.count), true; });
  }
  return refusal(all, attempt.account, Limit::kAccount, account);
}

void succeed(const Attempt& attempt) {
  Throttle* all = throttle();
  if (all == nullptr) return;
  with_count(all, attempt.account, [](ThrottleEntry& entry) { return lockout().forgive(entry.count), true; });
  if (!attempt.has_address) return;
  with_count(all, attempt.address, [](ThrottleEntry& entry) { return address_limit().take_back(entry.count), true; });
}

void take_back(const Attempt& attempt) {
  Throttle* all = throttle();
  if (all == nullptr) return;
  with_count(all, attempt.account, [](ThrottleEntry& entry) { return lockout().take_back(entry.count), true; });
  if (!attempt.has_address) return;
  with_count(all, attempt.address, [](ThrottleEntry& entry) { return address_limit().take_back(entry.count), true; });
}

FailureCount current_count(const Counted& account) {
  Throttle* all = throttle();
  return all != nullptr ? look_at(all, account) : account.stored_count;
}

void reset(const Counted& account) {
  Throttle* all = throttle();
  if (all == nullptr) return;
  with_count(all, account, [](ThrottleEntry& entry) { return lockout().forgive(entry.count), true; });
}

ThrottleState throttle_state() {
  Throttle* all = throttle();
  if (all == nullptr) return {};
  return {all->counts.capacity(),
          static_cast<std::int64_t>(pg_atomic_read_u64(&all->lost))};
}

bool counts_unsaved() {
  Throttle* all = throttle();
  if (all == nullptr) return false;
  bool unsaved = false;
  all->counts.visit_all(LW_EXCLUSIVE, [&](const ThrottleEntry& entry) { unsaved |= entry.unsaved && entry.key.database == MyDatabaseId; });
  return unsaved;
}

bool server_key(std::span<unsigned char, 32> into) {
  Throttle* all = throttle();
  if (all == nullptr) return false;
  memcpy(into.data(), all->server_key.data(), into.size());
  return true;
}

}  // namespace gatehouse::accounts

namespace accounts = gatehouse::accounts;

// take_failure_counts(at_most integer) → setof gatehouse.login_throttles: unsaved counts of this database, stored when the
// transaction commits
extern "C" Datum gatehouse_accounts_take_failure_counts(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  const auto* rows = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  accounts::Throttle* all = accounts::throttle();
  if (all == nullptr) return Datum{0};

  // Copied first: nothing may raise while a partition is locked.
  constexpr int kMostAtOnce = 10000;
  const int room = Min(kMostAtOnce, Max(1, PG_GETARG_INT32(0)));
  auto* taken = static_cast<accounts::ThrottleEntry*>(palloc(room * sizeof(accounts::ThrottleEntry)));
  int count = 0;
  gatehouse::follow_transactions(accounts::settle);
  accounts::has_taken = true;
  all->counts.visit_all(LW_EXCLUSIVE, [&](accounts::ThrottleEntry& entry) {
    if (count == room || !entry.unsaved || entry.taken_by != 0 || entry.key.database != MyDatabaseId) return;
    entry.taken_by = MyProcPid;
    entry.taken_version = entry.version;
    taken[count++] = entry;
  });
  for (int i = 0; i < count; ++i) {
    const accounts::FailureCount& state = taken[i].count;
    std::array<Datum, 4> values = {
        gatehouse::bytea_datum(taken[i].key.subject),
        Int32GetDatum(state.failures),
        TimestampTzGetDatum(state.counted_at),
        TimestampTzGetDatum(state.locked_until),
    };
    std::array<bool, 4> nulls = {false, false, false, state.locked_until == 0};
    tuplestore_putvalues(rows->setResult, rows->setDesc, values.data(), nulls.data());
  }
  return Datum{0};
}

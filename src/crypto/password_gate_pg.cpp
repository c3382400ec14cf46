#include "crypto/password_gate_pg.h"

#include "boundary/settings_pg.h"
#include "boundary/transaction_end_pg.h"
#include "crypto/waiting_line.h"

namespace gatehouse::crypto {

namespace {

struct PasswordGate {
  LWLock lock;  // guards the rest
  ConditionVariable changed;
  int hashing;
  std::int64_t turned_away;
  WaitingLine line;
};

// What this backend has at the gate.
enum class Standing { kOutside, kWaiting, kHashing };
Standing standing = Standing::kOutside;
std::uint64_t ticket;
PasswordGate* gate;
std::uint32_t wait_event;

// Takes back what this backend has, wherever it stands.
void withdraw() {
  if (standing == Standing::kOutside) return;
  LWLockAcquire(&gate->lock, LW_EXCLUSIVE);
  if (standing == Standing::kHashing) --gate->hashing;
  if (standing == Standing::kWaiting) gate->line.leave(ticket);
  LWLockRelease(&gate->lock);
  standing = Standing::kOutside;
  ConditionVariableBroadcast(&gate->changed);
}

void at_transaction_end(const TransactionEnd&) { withdraw(); }

void at_exit(int, Datum) { withdraw(); }

void prepare() {
  static bool prepared;
  if (prepared) return;
  follow_transactions(at_transaction_end);
  before_shmem_exit(at_exit, Datum{0});
  wait_event = server::wait_event("GatehousePasswordGate");
  prepared = true;
}

// Takes a slot if one is free and nobody came earlier. The lock is held.
bool take_slot() {
  const bool my_turn = standing == Standing::kWaiting ? gate->line.is_first(ticket) : gate->line.empty();
  if (!my_turn || gate->hashing >= settings::max_concurrent_hashes()) return false;
  if (standing == Standing::kWaiting) gate->line.leave(ticket);
  ++gate->hashing;
  standing = Standing::kHashing;
  return true;
}

// Takes a slot or a place in the line. False where neither is to be had.
bool arrive() {
  LWLockAcquire(&gate->lock, LW_EXCLUSIVE);
  if (!take_slot()) {
    if (gate->line.full(static_cast<std::size_t>(settings::max_hash_waiters()))) {
      ++gate->turned_away;
    } else {
      ticket = gate->line.join();
      standing = Standing::kWaiting;
    }
  }
  LWLockRelease(&gate->lock);
  return standing != Standing::kOutside;
}

bool try_slot() {
  LWLockAcquire(&gate->lock, LW_EXCLUSIVE);
  const bool taken = take_slot();
  const bool others_wait = !gate->line.empty();
  LWLockRelease(&gate->lock);
  // There may be another slot for who has become the first.
  if (taken && others_wait) ConditionVariableBroadcast(&gate->changed);
  return taken;
}

void give_up() {
  LWLockAcquire(&gate->lock, LW_EXCLUSIVE);
  ++gate->turned_away;
  LWLockRelease(&gate->lock);
  withdraw();
}

}  // namespace

std::size_t password_gate_size(const shared::Sizes&) { return sizeof(PasswordGate); }

void initialize_password_gate(void* at, const shared::Sizes&, int lock_tranche) {
  auto* fresh = static_cast<PasswordGate*>(at);
  memset(fresh, 0, sizeof *fresh);
  LWLockInitialize(&fresh->lock, lock_tranche);
  ConditionVariableInit(&fresh->changed);
}

bool enter_gate() {
  gate = static_cast<PasswordGate*>(shared::find(shared::Part::kPasswordGate));
  if (gate == nullptr) return true;
  prepare();
  if (!arrive()) return false;
  if (standing == Standing::kHashing) return true;

  const TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), settings::hash_wait_timeout_ms());
  ConditionVariablePrepareToSleep(&gate->changed);
  while (!try_slot()) {
    const long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
    if (left <= 0) {
      give_up();
      break;
    }
    ConditionVariableTimedSleep(&gate->changed, left, wait_event);
  }
  ConditionVariableCancelSleep();
  return standing == Standing::kHashing;
}

void leave_gate() noexcept { withdraw(); }

GateState gate_state() {
  auto* found = static_cast<PasswordGate*>(shared::find(shared::Part::kPasswordGate));
  if (found == nullptr) return {};
  LWLockAcquire(&found->lock, LW_SHARED);
  const GateState state = {found->hashing, static_cast<int>(found->line.count), found->turned_away};
  LWLockRelease(&found->lock);
  return state;
}

}  // namespace gatehouse::crypto

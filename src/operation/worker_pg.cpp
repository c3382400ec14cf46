#include "operation/worker_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_operation_worker_serves_database);
}

namespace gatehouse::operation {

namespace {

// A worker that has been asked for so long is not coming.
constexpr std::uint64_t kPatience = 10 * USECS_PER_SEC;

Served* served_database(WorkerState* state) {
  for (Served& served : state->served) {
    if (pg_atomic_read_u32(&served.database) == MyDatabaseId) return &served;
  }
  return nullptr;
}

}  // namespace

std::size_t worker_size(const shared::Sizes&) { return sizeof(WorkerState); }

void initialize_worker(void* at, const shared::Sizes&, int) {
  auto* fresh = static_cast<WorkerState*>(at);
  pg_atomic_init_u64(&fresh->launcher_latch, 0);
  for (Served& served : fresh->served) {
    pg_atomic_init_u32(&served.database, InvalidOid);
    pg_atomic_init_u32(&served.asked, 0);
    pg_atomic_init_u64(&served.asked_at, 0);
    pg_atomic_init_u64(&served.started_at, 0);
    pg_atomic_init_u64(&served.served_at, 0);
  }
}

WorkerState* worker_state() { return static_cast<WorkerState*>(shared::find(shared::Part::kWorker)); }

void wake_worker() {
  WorkerState* state = worker_state();
  Served* served = state != nullptr ? served_database(state) : nullptr;
  if (served == nullptr || pg_atomic_exchange_u32(&served->asked, 1) != 0) return;
  pg_atomic_write_u64(&served->asked_at, static_cast<std::uint64_t>(GetCurrentTimestamp()));
  auto* latch = reinterpret_cast<Latch*>(pg_atomic_read_u64(&state->launcher_latch));
  if (latch != nullptr) SetLatch(latch);
}

bool worker_serves_database() {
  WorkerState* state = worker_state();
  if (state == nullptr || pg_atomic_read_u64(&state->launcher_latch) == 0) return false;
  Served* served = served_database(state);
  if (served == nullptr) return false;
  if (pg_atomic_read_u32(&served->asked) == 0) return true;
  return static_cast<std::uint64_t>(GetCurrentTimestamp()) - pg_atomic_read_u64(&served->asked_at) < kPatience;
}

TimestampTz worker_served_at() {
  WorkerState* state = worker_state();
  Served* served = state != nullptr ? served_database(state) : nullptr;
  return served != nullptr ? static_cast<TimestampTz>(pg_atomic_read_u64(&served->served_at)) : 0;
}

}  // namespace gatehouse::operation

// worker_serves_database() → boolean
extern "C" Datum gatehouse_operation_worker_serves_database(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(gatehouse::operation::worker_serves_database());
}

// The password gate: how many backends may hash at once. Edge.
//
// At most gatehouse.max_concurrent_hashes hash; the others wait by ticket, first come first served, at most
// gatehouse.max_hash_waiters of them for gatehouse.hash_wait_timeout. A wait ends by cancel, termination and
// statement_timeout like every other. Without shared memory the gate stands open.
#pragma once

#include "boundary/outcome.h"
#include "boundary/run_core.h"
#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"

namespace gatehouse::crypto {

std::size_t password_gate_size(const shared::Sizes&);
void initialize_password_gate(void* at, const shared::Sizes&, int lock_tranche);

// False where the gate was full for too long. While it waits an interrupt may raise; once it has given true nothing may
// raise before leave_gate(). What ends a transaction or the backend gives back what it holds.
bool enter_gate();
void leave_gate() noexcept;

// Runs work that hashes, a function of the core, in a slot of the gate. kGateFull.
template <class Work>
auto run_gated(Work&& work) -> std::invoke_result_t<Work> {
  if (!enter_gate()) return Fault::kGateFull;
  const auto result = run_core(std::forward<Work>(work));
  leave_gate();
  return result;
}

// As health_check shows it; all 0 without shared memory.
struct GateState {
  int hashing;
  int waiting;
  std::int64_t turned_away;  // since the server started
};
GateState gate_state();

}  // namespace gatehouse::crypto

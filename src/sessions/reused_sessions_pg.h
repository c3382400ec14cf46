// Sessions whose token was used twice: noted in shared memory, where no ROLLBACK reaches them. Edge.
//
// The row that says so is the caller's, who may roll it back. From the moment a session is noted it is dead to everybody,
// until the caller has committed; where he does not, maintenance ends the row, and forgets the session once its row says so. There is room for a
// fixed number: what finds none is counted, and its end depends on the caller's commit.
#pragma once

#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"

namespace gatehouse::sessions {

inline constexpr int kMaxReusedSessions = 1024;

std::size_t reused_sessions_size(const shared::Sizes& sizes);
void initialize_reused_sessions(void* at, const shared::Sizes& sizes, int lock_tranche);

void note_reused(const pg_uuid_t& session_id);
bool is_reused(const pg_uuid_t& session_id);

// As health_check shows it.
struct ReusedState {
  int waiting;        // of this database
  std::int64_t lost;  // of all databases, since the server started
};
ReusedState reused_state();

// Sessions of databases that are gone make room. `exists` must not raise.
void forget_reused_of_databases(bool (*exists)(Oid database));

}  // namespace gatehouse::sessions

// Security events on their way to the audit log: a queue in shared memory, which no ROLLBACK empties. Edge.
//
// What is refused must be recorded although the caller rolls back. Whoever drains the queue (maintenance) takes events,
// writes them, and they leave the queue when his transaction commits; if it doesn't they are there again. The queue is
// bounded and nobody waits for it: what finds no room is lost and counted.
#pragma once

#include "boundary/outcome.h"
#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"

namespace gatehouse::audit {

inline constexpr std::size_t kMaxQueuedAgent = 256;
inline constexpr std::size_t kMaxQueuedContext = 512;

struct OptionalId {
  bool present;
  pg_uuid_t id;
};

struct SecurityEvent {
  BoundedText<48> event_type;
  OptionalId user_id;
  OptionalId session_id;
  OptionalId api_key_id;
  bool success;
  bool has_address;
  inet_struct address;
  BoundedText<kMaxQueuedAgent> user_agent;   // empty is none
  BoundedText<kMaxQueuedContext> context;    // JSON; empty is none
};

std::size_t event_queue_size(const shared::Sizes& sizes);
void initialize_event_queue(void* at, const shared::Sizes& sizes, int lock_tranche);

// False where there is no queue, so that the caller must write the event himself; true also where it was lost.
bool enqueue(const SecurityEvent& event);

// A login that is refused. Reported before anything can be interrupted: a client that cancels his statement leaves a trace as well.
struct RefusedLogin {
  OptionalId user_id;
  const inet* ip;               // nullptr where none is given
  std::string_view user_agent;
  std::string_view digest;      // of what was typed; empty where there is none
};
// False where there is no queue. Neither raises, once shared memory is attached.
bool report_failed_login(const RefusedLogin& login, bool locks);
bool report_locked_login(const RefusedLogin& login, const char* limit, std::int32_t refused);

// An API key was refused. Of all databases one a second is reported, with how many there were since the last; a standby
// reports none. `ip` may be nullptr.
void report_refused_key(const char* reason, const OptionalId& api_key_id, const inet* ip);

// As health_check shows it.
struct QueueState {
  int capacity;
  int waiting;        // of this database
  std::int64_t lost;  // of all databases, since the server started
};
QueueState queue_state();

// Events of databases that are gone make room. `exists` must not raise.
void forget_databases(bool (*exists)(Oid database));

}  // namespace gatehouse::audit

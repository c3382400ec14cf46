// The uses of API keys in shared memory, which maintenance writes to gatehouse.api_key_usage. Edge.
//
// A verification only notes its use here, so that it writes nothing and runs on a standby. Without shared memory nothing
// is noted.
#pragma once

#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"

namespace gatehouse::api_keys {

std::size_t key_uses_size(const shared::Sizes& sizes);
void initialize_key_uses(void* at, const shared::Sizes& sizes, int lock_tranche);

// The key was accepted, from the inet `ip` if there is one. Never waits for a writer.
void note_use(const pg_uuid_t& api_key_id, const NullableDatum& ip);

// As health_check shows it.
struct KeyUsesState {
  int capacity;       // keys
  int waiting;        // keys of this database whose uses are yet to be written
  std::int64_t lost;  // uses of all databases that found no room, since the server started
};
KeyUsesState key_uses_state();

// Uses in databases that are gone make room. `exists` must not raise.
void forget_uses_of_databases(bool (*exists)(Oid database));

}  // namespace gatehouse::api_keys

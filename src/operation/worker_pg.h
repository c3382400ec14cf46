// The background worker: a launcher that keeps to the shared catalogs, and one short-lived worker a database and cycle. Edge.
#pragma once

#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"

namespace gatehouse::operation {

std::size_t worker_size(const shared::Sizes&);
void initialize_worker(void* at, const shared::Sizes&, int lock_tranche);

// Called by _PG_init: registers the launcher where the library is being preloaded.
void register_launcher();

// There is something to write for this database. Never raises, never waits.
void wake_worker() noexcept;

// Whether a worker has served this database of late: else whoever writes next does its work.
bool worker_serves_database();

}  // namespace gatehouse::operation

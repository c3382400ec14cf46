// The background worker: a launcher that keeps to the shared catalogs, and one short-lived worker a database and cycle. Edge.
//
// A connected worker would make DROP DATABASE, ALTER DATABASE RENAME and CREATE DATABASE TEMPLATE fail, so the launcher is
// connected to none, and a worker stays for one round of gatehouse.run_maintenance(). There are none where the library is not
// preloaded, in recovery, and under pg_upgrade.
#pragma once

#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"

namespace gatehouse::operation {

// How many databases the launcher serves at the most.
inline constexpr int kMaxServed = 64;

// What is known of a database that is served. The launcher alone gives and takes places; who reads needs no lock.
struct Served {
  pg_atomic_uint32 database;    // 0: the place is free
  pg_atomic_uint32 asked;       // there is something to write
  pg_atomic_uint64 asked_at;    // since when
  pg_atomic_uint64 started_at;  // when a worker was last started
  pg_atomic_uint64 served_at;   // when a worker last came to its end
};

struct WorkerState {
  pg_atomic_uint64 launcher_latch;  // a Latch in shared memory; 0 where no launcher runs
  std::array<Served, kMaxServed> served;
};

std::size_t worker_size(const shared::Sizes&);
void initialize_worker(void* at, const shared::Sizes&, int lock_tranche);
WorkerState* worker_state();

// Called by _PG_init: registers the launcher where the library is being preloaded.
void register_launcher();

// There is something to write for this database. Never waits; never raises once shared memory is attached.
void wake_worker();

// Whether the launcher runs and serves this database without delay: else whoever writes next does its work.
bool worker_serves_database();

// When the worker of this database last came to its end; 0 where it never did.
TimestampTz worker_served_at();

// Starts a worker for the database, and gives its handle; nullptr where the server has no room for one.
BackgroundWorkerHandle* start_database_worker(Oid database);

}  // namespace gatehouse::operation

// The launcher: finds out which databases are to be served, and starts a worker for each that has something to write, or
// that had none for a minute. While it waits it also keeps the standbys of an idle primary current. Edge.
#include "api_keys/key_uses_pg.h"
#include "audit/event_queue_pg.h"
#include "boundary/settings_pg.h"
#include "operation/standby_staleness_pg.h"
#include "operation/worker_pg.h"
#include "sessions/reused_sessions_pg.h"

extern "C" {
#include "access/heapam.h"
#include "catalog/pg_database.h"
#include "postmaster/interrupt.h"
#include "utils/snapmgr.h"
#include "utils/varlena.h"
PGDLLEXPORT void gatehouse_operation_launcher_main(Datum argument);
}

namespace gatehouse::operation {

namespace {

constexpr long kCycleMs = 60 * 1000;
// What comes in a burst is written together.
constexpr long kBatchMs = 200;
// A worker that takes longer is ended: its work is bounded.
constexpr int kLongestRunMs = 30 * 1000;
constexpr int kRestartAfterS = 5;
constexpr std::uint64_t kBetweenFailures = 60 * USECS_PER_SEC;

WorkerState* state;

void withdraw(int, Datum) { pg_atomic_write_u64(&state->launcher_latch, 0); }

void wait(long milliseconds) {
  const int events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, until_sign_of_life(milliseconds),
                               server::wait_event("GatehouseLauncher"));
  if ((events & WL_LATCH_SET) != 0) ResetLatch(MyLatch);
  CHECK_FOR_INTERRUPTS();
  keep_standbys_current();
}

// The databases of the cluster, and which of them are named by gatehouse.worker_databases.
struct Databases {
  List* all;    // oids
  List* named;  // oids
};

// Gone or not to be connected to: once for each time that the setting is read.
void report_missing(List* names, const Databases& found) {
  if (list_length(names) == list_length(found.named)) return;
  ereport(LOG, (errmsg("not every database of gatehouse.worker_databases can be served"),
                errdetail("%d are named, %d are there and allow connections.", list_length(names), list_length(found.named))));
}

bool is_named(List* names, const char* name) {
  ListCell* cell;
  foreach (cell, names) {
    if (strcmp(name, static_cast<char*>(lfirst(cell))) == 0) return true;
  }
  return false;
}

Databases find_databases(bool report) {
  char* setting = pstrdup(settings::worker_databases());
  List* names = NIL;
  if (!SplitIdentifierString(setting, ',', &names)) {
    if (report) ereport(LOG, (errmsg("gatehouse.worker_databases is no list of names, and no database is served")));
    list_free(names);
    names = NIL;
  }

  Databases databases = {};
  StartTransactionCommand();
  // The scan needs a snapshot to be there while it lasts.
  static_cast<void>(GetTransactionSnapshot());
  Relation relation = table_open(DatabaseRelationId, AccessShareLock);
  TableScanDesc scan = table_beginscan_catalog(relation, 0, nullptr);
  while (HeapTuple tuple = heap_getnext(scan, ForwardScanDirection)) {
    const auto* database = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
    const MemoryContext within = MemoryContextSwitchTo(TopMemoryContext);
    databases.all = lappend_oid(databases.all, database->oid);
    // A limit of -2 marks what an interrupted DROP DATABASE has left.
    const bool can_be_connected_to = database->datallowconn && database->datconnlimit >= -1;
    const bool served = is_named(names, NameStr(database->datname)) && can_be_connected_to && !database->datistemplate;
    if (served) databases.named = lappend_oid(databases.named, database->oid);
    MemoryContextSwitchTo(within);
  }
  table_endscan(scan);
  table_close(relation, AccessShareLock);
  CommitTransactionCommand();
  if (report) report_missing(names, databases);
  list_free(names);
  pfree(setting);
  return databases;
}

Served* place_of(Oid database) {
  for (Served& served : state->served) {
    if (pg_atomic_read_u32(&served.database) == database) return &served;
  }
  return nullptr;
}

void take_place(Oid database) {
  if (place_of(database) != nullptr) return;
  Served* free = place_of(InvalidOid);
  if (free == nullptr) return;
  pg_atomic_write_u64(&free->served_at, 0);
  pg_atomic_write_u64(&free->started_at, 0);
  pg_atomic_write_u32(&free->asked, 0);
  pg_atomic_write_u32(&free->database, database);
}

void assign_places(const Databases& databases) {
  for (Served& served : state->served) {
    if (!list_member_oid(databases.named, pg_atomic_read_u32(&served.database))) {
      pg_atomic_write_u32(&served.database, InvalidOid);
    }
  }
  ListCell* cell;
  foreach (cell, databases.named) take_place(lfirst_oid(cell));
}

// The last round came to no end.
bool has_failed(Served& served) { return pg_atomic_read_u64(&served.started_at) > pg_atomic_read_u64(&served.served_at); }

bool is_due(Served& served, std::uint64_t now) {
  const std::uint64_t since_start = now - pg_atomic_read_u64(&served.started_at);
  // What failed is not tried at once again: it would fill the server's log.
  if (has_failed(served)) return since_start >= kBetweenFailures;
  return pg_atomic_read_u32(&served.asked) != 0 || since_start >= kCycleMs * 1000;
}

void await_end(BackgroundWorkerHandle* worker, std::uint64_t started) {
  pid_t pid;
  bool ended = false;
  while (!ShutdownRequestPending && GetBackgroundWorkerPid(worker, &pid) != BGWH_STOPPED) {
    if (static_cast<std::uint64_t>(GetCurrentTimestamp()) - started > std::uint64_t{kLongestRunMs} * 1000) {
      // It says nothing itself of being ended.
      if (!ended) ereport(LOG, (errmsg("a background worker of gatehouse takes too long and is ended")));
      ended = true;
      TerminateBackgroundWorker(worker);
    }
    wait(1000);
  }
}

void serve(Served& served) {
  const auto now = static_cast<std::uint64_t>(GetCurrentTimestamp());
  if (!is_due(served, now)) return;
  const Oid database = pg_atomic_read_u32(&served.database);
  pg_atomic_write_u64(&served.started_at, now);
  pg_atomic_write_u32(&served.asked, 0);
  BackgroundWorkerHandle* worker = start_database_worker(database);
  if (worker == nullptr) {
    ereport(LOG, (errmsg("could not start a background worker of gatehouse"),
                  errhint("Raise max_worker_processes: gatehouse takes two of them.")));
    return;
  }
  await_end(worker, now);
  pfree(worker);
}

// Of the databases that are there, for those that must not raise.
List* present;
bool is_present(Oid database) { return list_member_oid(present, database); }

void run_cycle(bool report) {
  const Databases databases = find_databases(report);
  assign_places(databases);
  present = databases.all;
  api_keys::forget_uses_of_databases(is_present);
  audit::forget_databases(is_present);
  sessions::forget_reused_of_databases(is_present);
  for (Served& served : state->served) {
    if (ShutdownRequestPending) break;
    if (pg_atomic_read_u32(&served.database) != InvalidOid) serve(served);
  }
  present = NIL;
  list_free(databases.all);
  list_free(databases.named);
}

long until_due() {
  for (Served& served : state->served) {
    const bool asks = pg_atomic_read_u32(&served.database) != InvalidOid && pg_atomic_read_u32(&served.asked) != 0;
    if (asks && !has_failed(served)) return kBatchMs;
  }
  return kCycleMs;
}

}  // namespace

void register_launcher() {
  if (!process_shared_preload_libraries_in_progress || IsBinaryUpgrade) return;
  BackgroundWorker launcher = {};
  launcher.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  launcher.bgw_start_time = BgWorkerStart_RecoveryFinished;
  launcher.bgw_restart_time = kRestartAfterS;
  strlcpy(launcher.bgw_name, "gatehouse launcher", BGW_MAXLEN);
  strlcpy(launcher.bgw_type, "gatehouse launcher", BGW_MAXLEN);
  strlcpy(launcher.bgw_library_name, "gatehouse", sizeof launcher.bgw_library_name);
  strlcpy(launcher.bgw_function_name, "gatehouse_operation_launcher_main", BGW_MAXLEN);
  RegisterBackgroundWorker(&launcher);
}

}  // namespace gatehouse::operation

void gatehouse_operation_launcher_main(Datum) {
  using namespace gatehouse::operation;
  pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
  pqsignal(SIGHUP, SignalHandlerForConfigReload);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
  // What it writes is a sign of life to standbys: it waits for none.
  SetConfigOption("synchronous_commit", "local", PGC_USERSET, PGC_S_OVERRIDE);

  state = worker_state();
  before_shmem_exit(withdraw, Datum{0});
  pg_atomic_write_u64(&state->launcher_latch, reinterpret_cast<std::uint64_t>(MyLatch));

  bool report = true;
  while (!ShutdownRequestPending) {
    if (ConfigReloadPending) {
      ConfigReloadPending = false;
      ProcessConfigFile(PGC_SIGHUP);
      report = true;
    }
    run_cycle(report);
    report = false;
    // A reload that came during the cycle has had its wake-up.
    if (!ShutdownRequestPending && !ConfigReloadPending) wait(until_due());
    // The rest of the burst.
    if (!ShutdownRequestPending && !ConfigReloadPending && until_due() == kBatchMs) wait(kBatchMs);
  }
  // Not 0, or it would not be started again after pg_terminate_backend.
  proc_exit(1);
}

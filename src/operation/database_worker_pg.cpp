// The worker of one database: one round of maintenance, as gatehouse_owner, and out. Edge.
//
// What ends it is no failure where the server stops, where somebody terminates it, or where its database is dropped or
// renamed just as it connects: then it leaves no line in the server's log.
#include "boundary/owner_rights_pg.h"
#include "operation/worker_pg.h"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "parser/parse_func.h"
#include "pgstat.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
PGDLLEXPORT void gatehouse_operation_database_worker_main(Datum database);
}

namespace gatehouse::operation {

namespace {

// Nobody waits long for the worker, and it waits long for nobody.
constexpr int kStatementTimeoutMs = 10 * 1000;
constexpr const char* kLockTimeout = "1s";
// A round takes so much of the queue; a worker stays for so many, each a transaction of its own.
constexpr std::int64_t kFullRound = 256;
constexpr int kMostRounds = 16;

// Nobody drops the extension while a round goes on, and no round begins while somebody drops it: it would fail in the
// middle, of tables that are gone. False where somebody does; until the transaction's end.
bool keep_extension(Oid extension) {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId, extension, 0);
  if (LockAcquire(&tag, AccessShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL) return false;
  AcceptInvalidationMessages();
  return true;
}

// Whether the extension has the function without arguments: not where it is not installed, or of a version without it, or
// is being dropped. Whoever makes a schema of that name in a database without the extension is not run.
bool has_function(const char* function_name) {
  const Oid extension = get_extension_oid("gatehouse", true);
  if (!OidIsValid(extension) || !keep_extension(extension)) return false;
  if (get_extension_oid("gatehouse", true) != extension) return false;
  List* name = list_make2(makeString(pstrdup("gatehouse")), makeString(pstrdup(function_name)));
  const Oid function = LookupFuncName(name, 0, nullptr, true);
  return OidIsValid(function) && getExtensionOfObject(ProcedureRelationId, function) == extension;
}

// What waits in shared memory is written in a transaction of its own, so that no erasure that takes too long undoes it.
struct Work {
  const char* function;  // the extension's, of the version that brought it
  const char* statement;
};
constexpr Work kWriteWhatWaits = {
    "run_maintenance", "SELECT greatest(gatehouse.write_security_events(), gatehouse.store_failure_counts())"};
constexpr Work kEndReusedSessions = {"end_reused_sessions", "SELECT gatehouse.end_reused_sessions()"};
constexpr Work kWriteKeyUses = {"write_key_uses", "SELECT gatehouse.write_key_uses()"};
constexpr Work kDoAll = {"run_maintenance", "SELECT pg_catalog.max(affected) FROM gatehouse.run_maintenance()"};

// The greatest number that a task has affected, or -1 where there is nothing to run.
std::int64_t run_round(const Work& work) {
  SetCurrentStatementStartTimestamp();
  StartTransactionCommand();
  PushActiveSnapshot(GetTransactionSnapshot());
  std::int64_t most = -1;
  if (has_function(work.function)) {
    const Rights before = take_owner_rights(SECURITY_RESTRICTED_OPERATION);
    SPI_connect();
    // What is deferred cannot fire in a restricted operation; then no erasure beside a deferred foreign key would
    // succeed.
    SPI_execute("SET CONSTRAINTS ALL IMMEDIATE", false, 0);
    if (SPI_execute(work.statement, false, 1) == SPI_OK_SELECT && SPI_processed == 1) {
      bool is_null;
      most = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
    }
    SPI_finish();
    give_back_rights(before);
  }
  PopActiveSnapshot();
  CommitTransactionCommand();
  return most;
}

void note_end() {
  WorkerState* state = worker_state();
  for (Served& served : state->served) {
    if (pg_atomic_read_u32(&served.database) != MyDatabaseId) continue;
    pg_atomic_write_u64(&served.served_at, static_cast<std::uint64_t>(GetCurrentTimestamp()));
  }
}

emit_log_hook_type next_hook;
bool sent_away;

void before_logging(ErrorData* report) {
  if (report->elevel == FATAL &&
      (report->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN || report->sqlerrcode == ERRCODE_UNDEFINED_DATABASE)) {
    report->output_to_server = false;
    sent_away = true;
  }
  if (next_hook != nullptr) next_hook(report);
}

// The postmaster logs each exit but by 0. An exit may begin anew in a callback: what was called already isn't called
// again.
void exit_well(int code, Datum) {
  if (sent_away && code != 0) proc_exit(0);
}

void leave_without_a_word() {
  next_hook = emit_log_hook;
  emit_log_hook = before_logging;
  on_proc_exit(exit_well, Datum{0});
}

}  // namespace

BackgroundWorkerHandle* start_database_worker(Oid database) {
  BackgroundWorker worker = {};
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = BGW_NEVER_RESTART;
  worker.bgw_main_arg = ObjectIdGetDatum(database);
  worker.bgw_notify_pid = MyProcPid;
  strlcpy(worker.bgw_name, "gatehouse worker", BGW_MAXLEN);
  strlcpy(worker.bgw_type, "gatehouse worker", BGW_MAXLEN);
  strlcpy(worker.bgw_library_name, "gatehouse", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, "gatehouse_operation_database_worker_main", BGW_MAXLEN);
  BackgroundWorkerHandle* handle;
  return RegisterDynamicBackgroundWorker(&worker, &handle) ? handle : nullptr;
}

}  // namespace gatehouse::operation

void gatehouse_operation_database_worker_main(Datum database) {
  using namespace gatehouse::operation;
  leave_without_a_word();
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
  SetConfigOption("lock_timeout", kLockTimeout, PGC_SUSET, PGC_S_OVERRIDE);
  SetConfigOption("search_path", "pg_catalog, pg_temp", PGC_SUSET, PGC_S_OVERRIDE);
  // Defaults of the database are for its sessions.
  SetConfigOption("default_transaction_isolation", "read committed", PGC_SUSET, PGC_S_OVERRIDE);
  SetConfigOption("default_transaction_read_only", "off", PGC_SUSET, PGC_S_OVERRIDE);
  enable_timeout_after(STATEMENT_TIMEOUT, kStatementTimeoutMs);
  pgstat_report_activity(STATE_RUNNING, "gatehouse.run_maintenance()");

  int rounds = 1;
  run_round(kEndReusedSessions);
  while (run_round(kWriteWhatWaits) >= kFullRound && rounds < kMostRounds) ++rounds;
  while (run_round(kWriteKeyUses) >= kFullRound && rounds < kMostRounds) ++rounds;
  while (run_round(kDoAll) >= kFullRound && rounds < kMostRounds) ++rounds;
  disable_timeout(STATEMENT_TIMEOUT, false);
  note_end();
  pgstat_report_stat(true);
  proc_exit(0);
}

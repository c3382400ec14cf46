#include "audit/transaction_context_pg.h"

#include <charconv>

#include "boundary/raise_pg.h"
#include "boundary/transaction_end_pg.h"

extern "C" {
#include "access/parallel.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_set_context);
PG_FUNCTION_INFO_V1(gatehouse_audit_context);
}

namespace gatehouse::audit {

namespace {

constexpr const char* kSetting = "gatehouse.audit_context";
constexpr int kMostContextBytes = 8192;  // as text

char* context_number;  // the setting's value
Jsonb* current_context;

// The value that is announced, and what is to be kept beside it. A flag in its place would stay up when something raises.
std::array<char, 24> pending;
Jsonb* pending_context;
bool is_pending;
std::uint64_t last_number;

void forget_pending() {
  is_pending = false;
  pending_context = nullptr;
}
void at_transaction_end(const TransactionEnd&) { forget_pending(); }

// Must not raise: what is announced would stay so.
bool check(char** value, void** extra, GucSource source) {
  if (*value == nullptr) return true;  // the state in which a server starts
  if (InitializingParallelWorker && source == PGC_S_SESSION) return true;
  const bool announced = is_pending && strcmp(*value, pending.data()) == 0;
  Jsonb* context = pending_context;
  forget_pending();
  if (!announced) {
    GUC_check_errdetail("It is set by gatehouse.set_audit_context() alone.");
    return false;
  }
  if (context == nullptr) return true;
  void* kept = server::allocate_setting_extra(VARSIZE(context));
  if (kept == nullptr) {
    GUC_check_errcode(ERRCODE_OUT_OF_MEMORY);
    return false;
  }
  memcpy(kept, context, VARSIZE(context));
  *extra = kept;
  return true;
}

void assign(const char*, void* extra) { current_context = static_cast<Jsonb*>(extra); }

// `context` is no TOAST pointer and has its long header; nullptr ends the context.
void set_context(Jsonb* context) {
  if (IsInParallelMode()) raise({Fault::kAuditContextInParallel});
  follow_transactions(at_transaction_end);
  forget_pending();
  *std::to_chars(pending.data(), pending.data() + pending.size() - 1, ++last_number).ptr = '\0';
  pending_context = context;
  is_pending = true;
  (void)set_config_option(kSetting, pending.data(), PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, ERROR, false);
}

Jsonb* context_argument(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return nullptr;
  Jsonb* context = PG_GETARG_JSONB_P(0);
  if (!JB_ROOT_IS_OBJECT(context)) raise({Fault::kAuditContextMalformed});
  StringInfoData text;
  initStringInfo(&text);
  (void)JsonbToCString(&text, &context->root, static_cast<int>(VARSIZE(context)));
  if (text.len > kMostContextBytes) raise({.fault = Fault::kAuditContextTooLarge, .number = kMostContextBytes});
  return context;
}

}  // namespace

Jsonb* transaction_context() { return current_context; }

void define_transaction_context() {
  DefineCustomStringVariable(kSetting, "What the application says of the transaction, for the audit.",
                             "Set by gatehouse.set_audit_context() alone.", &context_number, nullptr, PGC_SUSET,
                             GUC_NO_SHOW_ALL | GUC_NO_RESET_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE |
                                 GUC_SUPERUSER_ONLY | server::kNoReset,
                             check, assign, nullptr);
}

}  // namespace gatehouse::audit

// set_audit_context(context jsonb) → void
extern "C" Datum gatehouse_audit_set_context(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  audit::set_context(audit::context_argument(fcinfo));
  PG_RETURN_VOID();
}

// audit_context() → jsonb
extern "C" Datum gatehouse_audit_context(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  const Jsonb* context = audit::transaction_context();
  if (context == nullptr) PG_RETURN_NULL();
  auto* copy = static_cast<Jsonb*>(palloc(VARSIZE(context)));
  memcpy(copy, context, VARSIZE(context));
  PG_RETURN_JSONB_P(copy);
}

#include "identity/carrier_pg.h"

#include "boundary/raise_pg.h"
#include "boundary/transaction_end_pg.h"

extern "C" {
#include "access/parallel.h"
#include "utils/array.h"
}

namespace gatehouse::identity {

namespace carrier {
const Held* held;
std::uint64_t changes;
}  // namespace carrier

namespace {

constexpr const char* kSetting = "gatehouse.identity";

char* carrier_value;

// The value that is announced. A flag in its place would stay up when something raises, and let the next SET forge.
std::array<char, kMostTextSize + 1> pending;
bool is_pending;

void forget_pending() { is_pending = false; }
void at_transaction_end(const TransactionEnd&) { forget_pending(); }

bool was_announced(const char* value) {
  const bool announced = is_pending && strcmp(value, pending.data()) == 0;
  forget_pending();
  return announced;
}

std::size_t scopes_size(std::string_view scopes) {
  std::size_t size = ARR_OVERHEAD_NONULLS(1);
  while (!scopes.empty()) size += INTALIGN(VARHDRSZ + next_scope(scopes).size());
  return size;
}

// By hand, since PostgreSQL's own functions may raise. `at` is zeroed, of scopes_size() bytes.
ArrayType* build_scopes(std::string_view scopes, void* at) {
  auto* array = static_cast<ArrayType*>(at);
  SET_VARSIZE(array, scopes_size(scopes));
  array->elemtype = TEXTOID;
  if (scopes.empty()) {
    SET_VARSIZE(array, ARR_OVERHEAD_NONULLS(0));
    return array;
  }
  array->ndim = 1;
  ARR_LBOUND(array)[0] = 1;
  char* element = ARR_DATA_PTR(array);
  while (!scopes.empty()) {
    const std::string_view scope = next_scope(scopes);
    SET_VARSIZE(element, VARHDRSZ + scope.size());
    memcpy(VARDATA(element), scope.data(), scope.size());
    element += INTALIGN(VARHDRSZ + scope.size());
    ++ARR_DIMS(array)[0];
  }
  return array;
}

// Must not raise: what is announced would stay so.
bool check(char** value, void** extra, GucSource source) {
  if (*value == nullptr) return true;  // the state in which a server starts
  const bool restored = InitializingParallelWorker && source == PGC_S_SESSION;
  if (!was_announced(*value) && !restored) {
    GUC_check_errdetail("It is set by gatehouse.sign_in_*() alone.");
    return false;
  }
  if (**value == '\0') return true;
  Identity identity;
  if (!parse(*value, identity)) return false;

  constexpr std::size_t kHeldSize = MAXALIGN(sizeof(Held));
  const std::size_t size = kHeldSize + (identity.is_restricted ? scopes_size(identity.scopes) : 0);
  auto* kept = static_cast<Held*>(server::allocate_setting_extra(size));
  if (kept == nullptr) {
    GUC_check_errcode(ERRCODE_OUT_OF_MEMORY);
    return false;
  }
  memset(static_cast<void*>(kept), 0, size);
  kept->parties = identity.parties;
  if (identity.is_restricted) kept->scopes = build_scopes(identity.scopes, reinterpret_cast<char*>(kept) + kHeldSize);
  *extra = kept;
  return true;
}

void assign(const char*, void* extra) {
  carrier::held = static_cast<const Held*>(extra);
  ++carrier::changes;
}

void set_announced() {
  follow_transactions(at_transaction_end);
  is_pending = true;
  (void)set_config_option(kSetting, pending.data(), PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, ERROR, false);
}

// Workers would not learn of it.
void refuse_in_parallel() {
  if (IsInParallelMode()) raise({Fault::kIdentityInParallel});
}

}  // namespace

void sign_in(const Identity& identity) {
  refuse_in_parallel();
  forget_pending();
  const std::size_t size = write(identity, {pending.data(), kMostTextSize});
  if (size == 0) raise({Fault::kInternal});
  pending[size] = '\0';
  set_announced();
}

void sign_out() {
  refuse_in_parallel();
  if (current() == nullptr) return;
  forget_pending();
  pending[0] = '\0';
  set_announced();
}

void define_carrier() {
  // A superuser could set it but for the hook; PGC_INTERNAL would not go to parallel workers.
  DefineCustomStringVariable(kSetting, "Who the transaction acts for.", "Set by gatehouse.sign_in_*() alone.",
                             &carrier_value, nullptr, PGC_SUSET,
                             GUC_NO_SHOW_ALL | GUC_NO_RESET_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE |
                                 GUC_SUPERUSER_ONLY | server::kNoReset,
                             check, assign, nullptr);
}

}  // namespace gatehouse::identity

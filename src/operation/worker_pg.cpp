#include "operation/worker_pg.h"

namespace gatehouse::operation {

std::size_t worker_size(const shared::Sizes&) { return MAXALIGN(1); }
void initialize_worker(void*, const shared::Sizes&, int) {}
void register_launcher() {}
void wake_worker() noexcept {}
bool worker_serves_database() { return false; }

}  // namespace gatehouse::operation

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_operation_worker_serves_database);
}

// worker_serves_database() → boolean
extern "C" Datum gatehouse_operation_worker_serves_database(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(gatehouse::operation::worker_serves_database());
}

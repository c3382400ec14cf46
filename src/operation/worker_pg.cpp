#include "operation/worker_pg.h"

namespace gatehouse::operation {

std::size_t worker_size(const shared::Sizes&) { return MAXALIGN(1); }
void initialize_worker(void*, const shared::Sizes&, int) {}
void register_launcher() {}
void wake_worker() noexcept {}
bool worker_serves_database() { return false; }

}  // namespace gatehouse::operation

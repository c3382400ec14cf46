// The library's entry: called once by PostgreSQL when it loads the library. Edge.
#include "audit/late_keys_pg.h"
#include "audit/transaction_context_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/server_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/shared_memory_pg.h"
#include "identity/carrier_pg.h"
#include "operation/worker_pg.h"
#include "statement_text/concern_pg.h"

#include <sodium.h>

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void _PG_init(void) {
  if (sodium_init() < 0) gatehouse::raise({gatehouse::Fault::kInternal});
  // A session may load the library in the middle of a parallel query. What a worker raises must not end this half way, or
  // the next load would define the settings once more, and fail.
  gatehouse::server::hold_interrupts();
  gatehouse::identity::define_carrier();
  gatehouse::audit::define_transaction_context();
  gatehouse::settings::define_all();
  gatehouse::shared::request();
  gatehouse::operation::register_launcher();
  gatehouse::audit::install_late_keys();
  gatehouse::statement_text::install_log_hook();
  gatehouse::statement_text::install_activity_hooks();
  gatehouse::statement_text::install_utility_hook();
  gatehouse::server::resume_interrupts();
}

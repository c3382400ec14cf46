// Erasing the personal details of an account's events. Edge.
//
// In C for its snapshot: it is the latest in every isolation level, as that of a foreign key is (ri_triggers.c), so
// that what was committed while the caller waited for the account is erased too, where the transaction itself cannot
// see it.
#include "boundary/server_pg.h"

extern "C" {
#include "executor/spi.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_erase_event_details);
}

// erase_event_details(user_id uuid) → bigint
extern "C" Datum gatehouse_audit_erase_event_details(PG_FUNCTION_ARGS) {
  Datum user_id = PG_GETARG_DATUM(0);
  Oid type = UUIDOID;
  SPI_connect();
  const SPIPlanPtr plan = SPI_prepare(
      "DELETE FROM gatehouse.event_details d USING gatehouse.events e "
      "WHERE e.user_id OPERATOR(pg_catalog.=) $1 AND d.event_id OPERATOR(pg_catalog.=) e.id "
      "AND d.occurred_at OPERATOR(pg_catalog.=) e.occurred_at",
      1, &type);
  SPI_execute_snapshot(plan, &user_id, nullptr, GetLatestSnapshot(), InvalidSnapshot, false, false, 0);
  const std::uint64_t erased = SPI_processed;
  SPI_finish();
  PG_RETURN_INT64(static_cast<std::int64_t>(erased));
}

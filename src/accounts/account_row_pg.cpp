#include "accounts/account_row_pg.h"

#include "boundary/row_probe_pg.h"

namespace gatehouse::accounts {

namespace {

// Of sql/accounts/tables.sql; later versions only append.
enum Column : AttrNumber { kIsActive = 8, kDeletedAt = 13, kStoppedUntil = 17 };

}  // namespace

bool is_live(const pg_uuid_t& user_id) {
  const RowProbe row = probe_row("users", "users_pkey", F_UUID_EQ, UUIDPGetDatum(&user_id));
  const bool result = row.found && row.column(kDeletedAt).isnull &&
                      (DatumGetBool(row.column(kIsActive).value) || row.has_come(kStoppedUntil, GetCurrentTimestamp()));
  finish_probe(row);
  return result;
}

}  // namespace gatehouse::accounts

// The account as it is now, whatever the transaction's snapshot shows. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::accounts {

// Neither deleted nor stopped. False where there is no such account.
bool is_live(const pg_uuid_t& user_id);

}  // namespace gatehouse::accounts

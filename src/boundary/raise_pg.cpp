#include "boundary/raise_pg.h"

#include "boundary/error_table.h"
#include "boundary/server_pg.h"

namespace gatehouse {

void raise(const Refusal& refusal) {
  const ErrorEntry& entry = error_entry(refusal.fault);
  std::array<char, 256> message;
  format_message(refusal, message);
  const char* state = entry.sqlstate;
  ereport(ERROR, (errcode(MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4])),
                  errmsg_internal("%s", message.data()),
                  entry.hint != nullptr ? errhint("%s", entry.hint) : 0));
  pg_unreachable();
}

}  // namespace gatehouse

// What is to be done when a transaction ends, or a part of it is rolled back. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

struct TransactionEnd {
  bool lasting;           // committed. A prepared transaction may yet be rolled back: it counts as if it were
  SubTransactionId from;  // what ended: this subtransaction and those that began later; TopSubTransactionId is all
};

// `at_end` is called at each end from now on, however often it is given. It must not raise.
void follow_transactions(void (*at_end)(const TransactionEnd& end));

}  // namespace gatehouse

#include "boundary/transaction_end_pg.h"

namespace gatehouse {

namespace {

using AtEnd = void (*)(const TransactionEnd&);

constexpr std::size_t kMostFollowers = 16;
std::array<AtEnd, kMostFollowers> followers;
std::size_t follower_count;

void tell(const TransactionEnd& end) {
  for (std::size_t i = 0; i < follower_count; ++i) followers[i](end);
}

void at_transaction_end(XactEvent event, void*) {
  switch (event) {
    case XACT_EVENT_COMMIT:
    case XACT_EVENT_PARALLEL_COMMIT:
      return tell({.lasting = true, .from = TopSubTransactionId});
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PARALLEL_ABORT:
    case XACT_EVENT_PREPARE:
      return tell({.lasting = false, .from = TopSubTransactionId});
    default:
      return;
  }
}

void at_subtransaction_end(SubXactEvent event, SubTransactionId ended, SubTransactionId, void*) {
  if (event == SUBXACT_EVENT_ABORT_SUB) tell({.lasting = false, .from = ended});
}

}  // namespace

void follow_transactions(AtEnd at_end) {
  for (std::size_t i = 0; i < follower_count; ++i)
    if (followers[i] == at_end) return;
  Assert(follower_count < kMostFollowers);
  if (follower_count == 0) {
    RegisterXactCallback(at_transaction_end, nullptr);
    RegisterSubXactCallback(at_subtransaction_end, nullptr);
  }
  followers[follower_count++] = at_end;
}

}  // namespace gatehouse

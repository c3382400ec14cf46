#include "audit/scratch_pg.h"

#include "boundary/transaction_end_pg.h"

namespace gatehouse::audit {

namespace {

struct Depth {
  MemoryContext memory;
  int transaction_nest_level;  // in which the row's work began
};

// Kept within the context: what a row takes as a rule never goes back to the system.
constexpr Size kKeptBytes = 64 * 1024;

Depth* depths;  // in TopMemoryContext; grows with the deepest nesting seen
int depth_capacity;
int depth_in_use;

// Work that began within the ended level can't go on: its frames are gone. Its memory waits for the next
// to enter, since what the rest of the abort still releases may lie in it.
void end_depths_from(int transaction_nest_level) {
  while (depth_in_use > 0 && depths[depth_in_use - 1].transaction_nest_level >= transaction_nest_level) --depth_in_use;
}

void at_transaction_end(const TransactionEnd& end) {
  end_depths_from(end.from == TopSubTransactionId ? 0 : GetCurrentTransactionNestLevel());
}

void grow() {
  const int capacity = depth_capacity == 0 ? 4 : 2 * depth_capacity;
  if (depths == nullptr) {
    depths = static_cast<Depth*>(MemoryContextAlloc(TopMemoryContext, capacity * sizeof(Depth)));
    follow_transactions(at_transaction_end);
  } else {
    depths = static_cast<Depth*>(repalloc(depths, capacity * sizeof(Depth)));
  }
  for (int i = depth_capacity; i < capacity; ++i) depths[i].memory = nullptr;
  depth_capacity = capacity;
}

}  // namespace

bool row_in_progress() { return depth_in_use > 0; }

void Scratch::enter() {
  if (depth_in_use == depth_capacity) grow();
  Depth& depth = depths[depth_in_use];
  if (depth.memory == nullptr) {
    depth.memory = AllocSetContextCreate(TopMemoryContext, "gatehouse audit row", kKeptBytes, kKeptBytes,
                                         ALLOCSET_DEFAULT_MAXSIZE);
  }
  MemoryContextReset(depth.memory);
  depth.transaction_nest_level = GetCurrentTransactionNestLevel();
  ++depth_in_use;
  before = MemoryContextSwitchTo(depth.memory);
}

void Scratch::leave() {
  MemoryContextSwitchTo(before);
  --depth_in_use;
  MemoryContextReset(depths[depth_in_use].memory);
}

}  // namespace gatehouse::audit

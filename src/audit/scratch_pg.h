// Memory in which one row of the log is built. Edge.
//
// One context for each depth, since the output function of a type may itself change audited rows. A
// context is reset after each row and never given back: page faults cost more than the work.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::audit {

// Gives the context of the next depth and makes it current.
struct Scratch {
  MemoryContext before;

  void enter();
  // Where something raises instead, the end of the transaction or subtransaction does it.
  void leave();
};

// Whether any row of the log is being built, or rows are read for it.
bool row_in_progress();

}  // namespace gatehouse::audit

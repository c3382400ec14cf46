// The one place that raises. Edge.
#pragma once

#include "boundary/outcome.h"

namespace gatehouse {

// Reports the refusal as an ERROR with the SQLSTATE, message and hint of the error table.
// Leaves by longjmp: no C++ object with a destructor may be alive in any caller.
[[noreturn]] void raise(const Refusal& refusal);

template <class T>
T value_or_raise(const Result<T>& result) {
  if (!result.ok()) raise(result.refusal);
  return result.value;
}

}  // namespace gatehouse

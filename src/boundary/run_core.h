// The one catch-all between C++ and PostgreSQL. Core.
//
// The edge enters the core by run_core, or by functions that are declared noexcept: whatever the core throws ends
// here and becomes a Refusal, so no exception ever reaches a frame of PostgreSQL's, which is written in C.
#pragma once

#include <type_traits>
#include <utility>

#include "boundary/outcome.h"

namespace gatehouse {

// What the exception in flight means. To be called within a catch block only.
Refusal refusal_of_current_exception() noexcept;

template <class Work>
auto run_core(Work&& work) noexcept -> std::invoke_result_t<Work> {
  static_assert(std::is_trivially_destructible_v<std::invoke_result_t<Work>>);
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    return refusal_of_current_exception();
  }
}

}  // namespace gatehouse

#include "boundary/run_core.h"

#include <new>
#include <stdexcept>

namespace gatehouse {

Refusal refusal_of_current_exception() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {Fault::kOutOfMemory};
  } catch (const std::length_error&) {
    return {Fault::kOutOfMemory};
  } catch (...) {
    return {Fault::kInternal};
  }
}

}  // namespace gatehouse

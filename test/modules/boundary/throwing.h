// The ways in which the core can throw. Core.
#pragma once

#include <cstddef>

#include "boundary/outcome.h"

namespace boundary_test {

enum class Thrown : int { kBadAlloc, kBadArrayLength, kLengthError, kRuntimeError, kInteger, kNested, kNothing };
inline constexpr int kThrownCount = static_cast<int>(Thrown::kNothing) + 1;

// Throws, with owners alive in two frames, so that unwinding has something to do. kNothing gives 1.
gatehouse::Result<int> throw_from_the_core(Thrown what);

// Forgets an allocation of that size, as a faulty core would.
void leak(std::size_t bytes);

}  // namespace boundary_test

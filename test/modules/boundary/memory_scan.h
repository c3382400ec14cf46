// Looks for bytes in this process's memory. Core.
#pragma once

#include <cstdint>
#include <span>

namespace boundary_test {

// How often the needle stands in the readable and writable memory of this process, shared memory included. The needle is
// given with every byte XORed with `mask`, so that neither it nor the search itself is ever found. -1 where /proc cannot be
// read.
std::int64_t scan_memory(std::span<const unsigned char> masked_needle, unsigned char mask);

// Bytes of this process that are in memory and shared with no file: what a leak makes grow. -1 where unknown.
std::int64_t resident_anonymous_bytes();

}  // namespace boundary_test

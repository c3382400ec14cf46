// The times of whole hashes of all backends, in shared memory; of this one alone where there is none. Edge.
#pragma once

#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"
#include "crypto/hash_times.h"

namespace gatehouse::crypto {

std::size_t hash_times_size(const shared::Sizes& sizes);
void initialize_hash_times(void* at, const shared::Sizes& sizes, int lock_tranche);

// May raise where it comes before every other use of shared memory; not after enter_gate().
HashTimes& hash_times();

}  // namespace gatehouse::crypto

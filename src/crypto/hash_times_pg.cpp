#include "crypto/hash_times_pg.h"

#include <new>
#include <type_traits>

namespace gatehouse::crypto {

namespace {

static_assert(std::is_trivially_destructible_v<HashTimes>);

constinit HashTimes times_of_this_backend;

}  // namespace

std::size_t hash_times_size(const shared::Sizes&) { return sizeof(HashTimes); }

void initialize_hash_times(void* at, const shared::Sizes&, int) { new (at) HashTimes; }

HashTimes& hash_times() {
  void* found = shared::find(shared::Part::kHashTimes);
  return found == nullptr ? times_of_this_backend : *static_cast<HashTimes*>(found);
}

}  // namespace gatehouse::crypto

#include "boundary/keyed_table.h"

#include <sodium.h>

#include <cstring>

namespace gatehouse {

std::uint64_t hash_of(const TableKey& key, const HashKey& hash_key) noexcept {
  static_assert(sizeof(HashKey) == crypto_shorthash_KEYBYTES);
  unsigned char bytes[sizeof key.database + sizeof key.subject];
  std::memcpy(bytes, &key.database, sizeof key.database);
  std::memcpy(bytes + sizeof key.database, key.subject.data(), key.subject.size());
  std::uint64_t hash;
  static_assert(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), bytes, sizeof bytes, hash_key.data());
  return hash;
}

}  // namespace gatehouse

#include "boundary/secret_memory_pg.h"

#include <sodium.h>

namespace gatehouse {

namespace {

struct Guarded {
  MemoryContextCallback callback;
  std::size_t size;
  // The secret follows.
};
constexpr std::size_t kSecretOffset = MAXALIGN(sizeof(Guarded));

void wipe_guarded(void* argument) {
  auto* guarded = static_cast<Guarded*>(argument);
  sodium_memzero(reinterpret_cast<char*>(guarded) + kSecretOffset, guarded->size);
}

}  // namespace

std::span<char> allocate_secret(std::size_t size) {
  auto* guarded = static_cast<Guarded*>(palloc(kSecretOffset + size));
  guarded->size = size;
  guarded->callback.func = wipe_guarded;
  guarded->callback.arg = guarded;
  MemoryContextRegisterResetCallback(CurrentMemoryContext, &guarded->callback);
  return {reinterpret_cast<char*>(guarded) + kSecretOffset, size};
}

void wipe(std::span<char> secret) { sodium_memzero(secret.data(), secret.size()); }

}  // namespace gatehouse

// Secrets in PostgreSQL's memory. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

// Memory in the current context that is wiped when the context is reset or deleted, on every path,
// an ERROR included: the callback that wipes is registered before the caller can write.
std::span<char> allocate_secret(std::size_t size);

// A text of `size` bytes to be filled with a secret and given to SQL; wiped like the above.
text* allocate_secret_text(std::size_t size);

// Wipes now what the callback would wipe later.
void wipe(std::span<char> secret);

}  // namespace gatehouse

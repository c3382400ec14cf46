// Secrets of ours in PostgreSQL's memory. Edge.
//
// What a function gives back, a new token say, is not ours any more: PostgreSQL may free it before the
// context ends, so it is plain memory.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

// Memory in the current context that is wiped when the context is reset or deleted, on every path,
// an ERROR included: the callback that wipes is registered before the caller can write.
std::span<char> allocate_secret(std::size_t size);

// Wipes now what the callback would wipe later.
void wipe(std::span<char> secret);

}  // namespace gatehouse

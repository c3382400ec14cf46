// All that gatehouse keeps in shared memory: one block, made of parts. Edge.
//
// Where the library is preloaded the block is part of the server's own shared memory, with the sizes that the settings
// give. Otherwise, from PostgreSQL 17 on, it is a named segment that the first backend makes, with default sizes. Else
// there is none, and every user of a part has to do without. It begins anew with the server, after a crash too.
//
// A part holds no pointer, since each process may see a segment at another address, and keys what it holds by database.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::shared {

enum class Place { kNone, kSegment, kPreloaded };

enum class Part : std::size_t { kEventQueue, kHashTimes, kKeyUses, kPasswordGate, kReusedSessions, kThrottle, kWorker };
inline constexpr std::size_t kPartCount = 7;

struct Sizes {
  int max_key_uses;
  int max_queued_events;
  int max_throttle_entries;
};
inline constexpr Sizes kDefaultSizes = {.max_key_uses = 16384, .max_queued_events = 1024, .max_throttle_entries = 16384};

// Called by _PG_init: asks for the block where the library is being preloaded.
void request();

Place place();

// The part, in the block; nullptr where there is none. May raise: the first call attaches the segment.
void* find(Part part);

}  // namespace gatehouse::shared

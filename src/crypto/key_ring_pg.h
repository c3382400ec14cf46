// The configured key ring of this backend. Edge.
#pragma once

#include "boundary/server_pg.h"
#include "crypto/key_ring.h"

namespace gatehouse::crypto {

// The ring in the file that gatehouse.key_file names; nullptr where none is named. A changed file is
// seen by the first statement that begins a second or more after the last look. kKeyRing* faults.
Result<const KeyRing*> find_key_ring();
// The same; raises.
const KeyRing* configured_key_ring();

// The key that new digests are made under, and its id; nullptr and 0 without a ring.
struct RingKey {
  const KeyRing::Key* key;
  std::int32_t id;
};
RingKey current_ring_key();

// The key of a stored row. `found` is false where the row was made under a key that the ring lacks.
struct StoredRingKey {
  bool found;
  const KeyRing::Key* key;
};
StoredRingKey stored_ring_key(std::int32_t id);

}  // namespace gatehouse::crypto

// Argon2id (RFC 9106) through libsodium: the PHC string, the hash, the comparison. Core.
//
// Read is `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<tag>`, salt of 8..64 bytes and tag of 16..64 in base64
// without padding, p of 1..16, m of at least 8 * p. Made is p=1 with a salt of 16 bytes and a tag of 32 alone.
// Version 16, before the RFC, is refused: libsodium doesn't know it.
#pragma once

#include <string_view>

#include "boundary/outcome.h"
#include "crypto/password_hash.h"

namespace gatehouse::crypto {

inline constexpr std::string_view kArgon2Prefix = "$argon2id$";

// A plain value that points into the text it was read from.
struct Argon2Hash {
  Argon2Cost cost;
  std::uint32_t lanes;
  std::string_view text;
  std::string_view salt;  // still base64
  std::string_view tag;   // still base64
};

// kHashMalformed.
Result<Argon2Hash> parse_argon2(std::string_view text);

// Whether it was made as make_argon2 makes it, whatever the cost.
bool argon2_in_our_form(const Argon2Hash& hash);

// kOutOfMemory.
Result<HashText> make_argon2(std::string_view password, const Argon2Cost& cost);

// Checks no ceiling. kOutOfMemory.
Result<bool> verify_argon2(std::string_view password, const Argon2Hash& hash);

// Does the work of a hash and throws it away. kOutOfMemory.
Result<Done> decoy_argon2(std::string_view password, const Argon2Cost& cost);

}  // namespace gatehouse::crypto

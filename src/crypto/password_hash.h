// Password hashes: making, verifying and judging them. Core.
//
// New hashes are Argon2id (RFC 9106) as PHC strings, `$argon2id$v=19$m=<KiB>,t=<passes>,p=1$<salt>$<tag>`.
// Verified, besides Argon2id, is what applications bring along:
//   bcrypt       $2a$ $2b$ $2y$ <cost>$<22 salt><31 digest>
//   yescrypt     $y$j<N><r>$<salt>$<digest>, N and r one character each (what crypt_gensalt makes)
//   SHA-crypt    $5$ $6$ [rounds=<n>$]<salt>$<digest>
//   PBKDF2       pbkdf2_sha256$<iterations>$<salt>$<base64 of 32 bytes>, Django's form
// Every other kind is refused by name before any work; libcrypt knows DES and MD5 too.
//
// Passwords come normalised and within kMaxPasswordBytes; hashes may be any bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "boundary/outcome.h"

namespace gatehouse::crypto {

inline constexpr std::size_t kMaxPasswordBytes = 1024;
inline constexpr std::size_t kMaxHashBytes = 512;

struct Argon2Cost {
  std::uint32_t memory_kib;
  std::uint32_t iterations;
};

// The most work that a stored hash may ask for. A hash above it is refused before the work begins.
struct HashCeilings {
  std::uint32_t argon2_memory_kib;
  std::uint32_t argon2_iterations;
  std::uint32_t bcrypt_cost;  // log2 of the rounds
  std::uint32_t pbkdf2_iterations;
  std::uint32_t sha_crypt_rounds;
  std::uint32_t yescrypt_memory_kib;  // 128 * r * N bytes
};

class HashTimes;

using HashText = BoundedText<128>;

// Whether the pair reaches one of OWASP's minimal pairs (m in MiB, t): 46,1 19,2 12,3 9,4 7,5.
bool reaches_floor(const Argon2Cost& cost);

// Notes how long it took. kArgon2BelowFloor, kArgon2AboveCeiling, kOutOfMemory.
Result<HashText> hash_password(std::string_view password, const Argon2Cost& cost, const HashCeilings& ceilings,
                               HashTimes& times);

// Whether a hash may be verified: known, well formed and within the ceilings. Does none of its work.
// kHashMalformed, kHashKindUnknown, kHashTooExpensive.
Result<Done> check_stored_hash(std::string_view hash, const HashCeilings& ceilings);

// As check_stored_hash, and kOutOfMemory.
Result<bool> verify_password(std::string_view password, std::string_view hash, const HashCeilings& ceilings);

// True where the hash is cheaper than `cost` in memory or in iterations, or of another kind than
// Argon2id with p=1. kHashMalformed, kHashKindUnknown.
Result<bool> needs_rehash(std::string_view hash, const Argon2Cost& cost);

// Verifies at a login: takes at least the processor's time of one hash at `cost`, also where `hash` is empty (no such
// account, or no password) or cheaper, so that the time tells nothing. An empty hash never matches. What whole hashes
// take is noted in `times`, and a cheaper one is topped up to one of those; while there is none, to what can be told
// from its parts, some hundredths less. A stored hash that cannot be verified is a mismatch, not an error: a login is
// an answer. kOutOfMemory alone is refused.
Result<bool> verify_login(std::string_view password, std::string_view hash, const Argon2Cost& cost,
                          const HashCeilings& ceilings, HashTimes& times);

}  // namespace gatehouse::crypto

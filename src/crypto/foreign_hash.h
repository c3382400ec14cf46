// Hashes that applications bring along, through libxcrypt and OpenSSL: verified, never made. Core.
//
// The forms are listed in password_hash.h. Beyond them:
//   bcrypt       counts the first 72 bytes of a password only, as did whatever made the hash. The salt's four spare
//                bits may be set, as old makers left them; the digest's may not.
//   SHA-crypt    salts of 1..16 characters, rounds of 1000..999999999.
//   yescrypt     salts of 1..86 characters.
//   PBKDF2       salts of 1..128 printable characters of ASCII.
// libxcrypt takes 511 bytes at most: a longer password matches no yescrypt and no SHA-crypt hash. A password with a
// NUL, which no text of PostgreSQL's can hold, matches nothing here.
#pragma once

#include <cstdint>
#include <string_view>

#include "boundary/outcome.h"
#include "crypto/password_hash.h"

namespace gatehouse::crypto {

enum class ForeignKind : std::uint8_t { kBcrypt, kPbkdf2Sha256, kSha256Crypt, kSha512Crypt, kYescrypt };

// A plain value that points into the text it was read from.
struct ForeignHash {
  ForeignKind kind;
  std::uint64_t cost;  // what the kind's ceiling counts
  std::string_view text;
  std::string_view salt;
  std::string_view digest;
};

// kHashMalformed, kHashKindUnknown.
Result<ForeignHash> parse_foreign(std::string_view text);

// kHashTooExpensive.
Result<Done> check_foreign_ceiling(const ForeignHash& hash, const HashCeilings& ceilings);

// Checks no ceiling. kOutOfMemory; kHashMalformed where libxcrypt doesn't take the parameters.
Result<bool> verify_foreign(std::string_view password, const ForeignHash& hash);

}  // namespace gatehouse::crypto

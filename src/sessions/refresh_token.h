// The text of a refresh token. Core.
//
//   base64url( locator: 16 bytes, secret: 32 bytes )        64 characters
//
// The locator stays the same through every rotation of a session and is shown nowhere else, so whoever
// presents it held a token of this session once: a wrong secret beside it is a replay, never a guess.
// The row is found by the locator's digest; the secret changes with every rotation.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "boundary/outcome.h"
#include "crypto/key_ring.h"
#include "crypto/token.h"

namespace gatehouse::sessions {

inline constexpr std::size_t kLocatorBytes = 16;
inline constexpr std::size_t kSecretBytes = 32;
inline constexpr std::size_t kTokenSize = 64;

// Writes a token with a new locator and a new secret. kOutOfMemory, by run_core.
Result<Done> make_refresh_token(std::span<char, kTokenSize> into);

// The digest is BLAKE2b-256 of the locator, unkeyed: it is found again after the key ring has turned.
struct LocatedToken {
  bool well_formed;
  crypto::Digest locator_digest;
};
LocatedToken locate(std::string_view token) noexcept;

// Writes the token that follows `token`, which must be well formed: same locator; the secret is keyed
// BLAKE2b of the presented token under the key derived for kRefreshSuccessor, so that whoever retries gets the same
// successor; random where `key` is nullptr.
Result<Done> make_successor(std::string_view token, const crypto::KeyRing::Key* key, std::span<char, kTokenSize> into);

}  // namespace gatehouse::sessions

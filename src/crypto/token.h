// Random tokens and their digests. Core.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "boundary/outcome.h"
#include "crypto/key_ring.h"

namespace gatehouse::crypto {

inline constexpr std::size_t kMinTokenBytes = 16;
inline constexpr std::size_t kMaxTokenBytes = 64;
inline constexpr std::size_t kDigestBytes = 32;

using Digest = std::array<unsigned char, kDigestBytes>;

// Fills `into`, of base64url_size(bytes) characters, with `bytes` random bytes as base64url.
// kTokenSizeOutOfRange.
Result<Done> generate_token(std::size_t bytes, std::span<char> into);

// BLAKE2b-256 of the token (RFC 7693), keyed with the key derived for kTokenDigest; unkeyed where
// `key` is nullptr.
Digest token_digest(std::string_view token, const KeyRing::Key* key) noexcept;

// In constant time. What has not the size of a digest equals nothing.
bool digests_equal(std::span<const unsigned char> a, std::span<const unsigned char> b) noexcept;

}  // namespace gatehouse::crypto

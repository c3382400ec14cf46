// Signed tokens: JWS in its compact serialization (RFC 7515), by Ed25519 (RFC 8032, RFC 8037). Core.
//
//   base64url(header) "." base64url(payload) "." base64url(64 bytes of signature over all before)
//
// Header and payload are JSON to those who read them; here they are bytes.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/encoding.h"
#include "crypto/key_ring.h"

namespace gatehouse::sessions {

inline constexpr std::size_t kMaxJwsSize = 8192;
inline constexpr std::size_t kSignatureBytes = 64;

// The parts as they came; the first two are valid base64url, and views of the token.
struct CompactJws {
  std::string_view signed_part;  // header "." payload
  std::string_view header;
  std::string_view payload;
  std::array<unsigned char, kSignatureBytes> signature;
};

// Nothing where the text is larger than kMaxJwsSize, or is not three parts of canonical base64url without padding, of which
// the last is a signature. The others may be empty.
std::optional<CompactJws> split_jws(std::string_view token) noexcept;

// `into` has room for the bytes of the part; gives those that were written.
std::string_view decode_part(std::string_view part, std::span<char> into) noexcept;

bool signature_holds(const CompactJws& token, std::span<const unsigned char, crypto::kPublicKeyBytes> key) noexcept;

constexpr std::size_t jws_size(std::size_t header, std::size_t payload) {
  return crypto::base64url_size(header) + 1 + crypto::base64url_size(payload) + 1 + crypto::base64url_size(kSignatureBytes);
}
// `into` has jws_size(header.size(), payload.size()) characters.
void sign_jws(std::string_view header, std::string_view payload, const crypto::KeyRing::Key& key, std::span<char> into) noexcept;

}  // namespace gatehouse::sessions

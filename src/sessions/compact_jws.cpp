#include "sessions/compact_jws.h"

#include <sodium.h>

#include <algorithm>

namespace gatehouse::sessions {

namespace {

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

bool is_base64url(std::string_view part) {
  std::array<unsigned char, kMaxJwsSize> decoded;
  return crypto::decode_base64(part, crypto::Base64::kUrl, decoded).has_value();
}

}  // namespace

std::optional<CompactJws> split_jws(std::string_view token) noexcept {
  if (token.size() > kMaxJwsSize) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  CompactJws result{
      .signed_part = token.substr(0, last),
      .header = token.substr(0, first),
      .payload = token.substr(first + 1, last - first - 1),
      .signature = {},
  };
  if (!is_base64url(result.header) || !is_base64url(result.payload)) return std::nullopt;
  if (!crypto::decode_base64url(token.substr(last + 1), result.signature)) return std::nullopt;
  return result;
}

std::string_view decode_part(std::string_view part, std::span<char> into) noexcept {
  const std::span<unsigned char> bytes{reinterpret_cast<unsigned char*>(into.data()), into.size()};
  const std::optional<std::size_t> size = crypto::decode_base64(part, crypto::Base64::kUrl, bytes);
  return {into.data(), size.value_or(0)};
}

bool signature_holds(const CompactJws& token, std::span<const unsigned char, crypto::kPublicKeyBytes> key) noexcept {
  const std::span<const unsigned char> message = bytes_of(token.signed_part);
  return crypto_sign_verify_detached(token.signature.data(), message.data(), message.size(), key.data()) == 0;
}

void sign_jws(std::string_view header, std::string_view payload, const crypto::KeyRing::Key& key, std::span<char> into) noexcept {
  const std::size_t header_size = crypto::base64url_size(header.size());
  const std::size_t payload_size = crypto::base64url_size(payload.size());
  crypto::encode_base64url(bytes_of(header), into.first(header_size));
  into[header_size] = '.';
  crypto::encode_base64url(bytes_of(payload), into.subspan(header_size + 1, payload_size));
  const std::size_t signed_size = header_size + 1 + payload_size;
  std::array<unsigned char, kSignatureBytes> signature;
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(into.data()), signed_size,
                       key.for_access_tokens.data());
  into[signed_size] = '.';
  crypto::encode_base64url(signature, into.subspan(signed_size + 1));
}

}  // namespace gatehouse::sessions

#include "api_keys/key_format.h"

#include <sodium.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "crypto/encoding.h"

namespace gatehouse::api_keys {

namespace {

constexpr std::size_t kLookupSize = 11;
constexpr std::size_t kSecretSize = 43;
constexpr std::size_t kChecksumSize = 6;
static_assert(kLookupSize + kSecretSize + kChecksumSize == kBodySize);
constexpr std::size_t kSecretBytes = 32;

// 2^63 - 1, 2^256 - 1, and whatever has six digits.
constexpr std::string_view kGreatestLookupId = "AzL8n0Y58m7";
constexpr std::string_view kGreatestSecret = "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1";
constexpr std::string_view kGreatestChecksum = "zzzzzz";
static_assert(kGreatestLookupId.size() == kLookupSize && kGreatestSecret.size() == kSecretSize &&
              kGreatestChecksum.size() == kChecksumSize);

using Number = std::array<unsigned char, 8>;

Number big_endian(std::uint64_t value) {
  Number bytes;
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(value >> (56 - 8 * i));
  return bytes;
}

std::uint32_t checksum(std::string_view text) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

// The size of the prefix in a text that has the places of a key; 0 in any other.
std::size_t prefix_size(std::string_view text) {
  if (text.size() < 1 + 1 + kBodySize || text.size() > kMaxKeySize) return 0;
  const std::size_t size = text.size() - 1 - kBodySize;
  return text[size] == '_' && prefix_valid(text.substr(0, size)) ? size : 0;
}

}  // namespace

bool prefix_valid(std::string_view prefix) noexcept {
  if (prefix.empty() || prefix.size() > kMaxPrefixSize) return false;
  return std::all_of(prefix.begin(), prefix.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<std::int64_t> make_key(std::string_view prefix, std::span<char> into) {
  if (!prefix_valid(prefix)) return Fault::kApiKeyPrefixMalformed;

  std::uint64_t lookup_id;
  randombytes_buf(&lookup_id, sizeof lookup_id);
  lookup_id >>= 1;
  std::array<unsigned char, kSecretBytes> secret;
  randombytes_buf(secret.data(), secret.size());

  std::copy(prefix.begin(), prefix.end(), into.begin());
  into[prefix.size()] = '_';
  const std::span<char> body = into.subspan(prefix.size() + 1);
  crypto::encode_base62(big_endian(lookup_id), body.first(kLookupSize));
  crypto::encode_base62(secret, body.subspan(kLookupSize, kSecretSize));
  sodium_memzero(secret.data(), secret.size());
  const std::string_view before{into.data(), prefix.size() + 1 + kLookupSize + kSecretSize};
  crypto::encode_base62(big_endian(checksum(before)), body.subspan(kLookupSize + kSecretSize, kChecksumSize));
  return static_cast<std::int64_t>(lookup_id);
}

ParsedKey parse_key(std::string_view text) noexcept {
  const std::size_t prefix = prefix_size(text);
  if (prefix == 0) return {};
  const std::string_view body = text.substr(prefix + 1);

  const std::string_view lookup_id = body.substr(0, kLookupSize);
  const std::string_view given = body.substr(kLookupSize + kSecretSize);
  const bool well_formed = crypto::base62_at_most(given, kGreatestChecksum) &&
                           crypto::base62_number(given) == checksum(text.substr(0, text.size() - kChecksumSize)) &&
                           crypto::base62_at_most(lookup_id, kGreatestLookupId) &&
                           crypto::base62_at_most(body.substr(kLookupSize, kSecretSize), kGreatestSecret);
  if (!well_formed) return {};
  return {true, static_cast<std::int64_t>(crypto::base62_number(lookup_id))};
}

std::int64_t claimed_lookup_id(std::string_view text) noexcept {
  if (text.size() < kBodySize) return 0;
  return static_cast<std::int64_t>(crypto::base62_number(text.substr(text.size() - kBodySize, kLookupSize)));
}

KeyHint key_hint(std::string_view key) noexcept {
  const std::size_t prefix = prefix_size(key);
  if (prefix == 0) return {};
  KeyHint hint;
  const std::string_view shown = key.substr(0, prefix + 1 + 4);
  char* end = std::copy(shown.begin(), shown.end(), hint.bytes.data());
  end = std::fill_n(end, 3, '.');
  hint.size = static_cast<std::size_t>(end - hint.bytes.data());
  return hint;
}

}  // namespace gatehouse::api_keys

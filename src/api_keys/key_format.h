// The text of an API key. Core.
//
//   <prefix> '_' <look-up id: 11> <secret: 43> <checksum: 6>        all base62
//
// prefix: 1..12 of a-z and 0-9. Look-up id: 63 random bits, the number by which the row is found, no secret.
// Secret: 256 random bits. Checksum: CRC-32 (ISO-HDLC, as zlib's crc32) of everything before it, so
// that a mistyped key is refused, and a leaked one recognised, without the database.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "boundary/outcome.h"

namespace gatehouse::api_keys {

inline constexpr std::size_t kMaxPrefixSize = 12;
inline constexpr std::size_t kBodySize = 11 + 43 + 6;
inline constexpr std::size_t kMaxKeySize = kMaxPrefixSize + 1 + kBodySize;

bool prefix_valid(std::string_view prefix) noexcept;

// Writes a new key; `into` has prefix.size() + 1 + kBodySize characters. Gives the look-up id, which
// is never negative. kApiKeyPrefixMalformed.
Result<std::int64_t> make_key(std::string_view prefix, std::span<char> into);

struct ParsedKey {
  bool well_formed;  // form and checksum hold
  std::int64_t lookup_id;
};
ParsedKey parse_key(std::string_view text) noexcept;

// The look-up id alone, if the text is a key: nothing is checked.
std::int64_t claimed_lookup_id(std::string_view text) noexcept;

// What may be shown of a key: the prefix, the first four characters of the look-up id and an ellipsis,
// "sk_3fK9...".
using KeyHint = BoundedText<kMaxPrefixSize + 1 + 4 + 3>;
KeyHint key_hint(std::string_view key) noexcept;

}  // namespace gatehouse::api_keys

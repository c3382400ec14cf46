// base62 by the book: what the encoders and the keys are held against. Digits 0-9A-Za-z, most significant first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::fuzz {

inline constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// The number as big-endian bytes without leading zeros. False for a character outside the alphabet.
inline bool read_base62(std::string_view text, std::vector<std::uint8_t>& into) {
  into.clear();
  for (const char c : text) {
    const std::size_t digit = kBase62.find(c);
    if (digit == std::string_view::npos) return false;
    unsigned carry = static_cast<unsigned>(digit);
    for (std::size_t i = into.size(); i-- > 0;) {
      carry += into[i] * 62u;
      into[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) into.insert(into.begin(), static_cast<std::uint8_t>(carry));
  }
  return true;
}

}  // namespace gatehouse::fuzz

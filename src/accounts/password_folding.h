// Code points of passwords, and their lower case. Core.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "crypto/secret_buffer.h"

namespace gatehouse::accounts {

enum class CharacterKind { kUpper, kLower, kDigit, kSymbol, kOther };

CharacterKind kind_of(char32_t c);

// The simple lower case (UnicodeData.txt) of letters of the Latin, Greek, Cyrillic and Armenian alphabets; all else is
// itself.
char32_t lower_case(char32_t c);

// The code points of a text in UTF-8, wiped at their end.
class CodePoints {
 public:
  // A byte that begins no well-formed sequence counts as a code point of its own. Throws std::bad_alloc.
  static CodePoints decode(std::string_view text);
  static CodePoints decode_folded(std::string_view text);

  std::span<const char32_t> values() const { return {reinterpret_cast<const char32_t*>(memory_.data()), count_}; }
  crypto::SecretBuffer encode() const;

 private:
  explicit CodePoints(std::size_t most) : memory_(most * sizeof(char32_t)) {}
  char32_t* writable() { return reinterpret_cast<char32_t*>(memory_.data()); }

  crypto::SecretBuffer memory_;
  std::size_t count_ = 0;
};

}  // namespace gatehouse::accounts

#include "accounts/password_folding.h"

#include <algorithm>
#include <cstdint>

namespace gatehouse::accounts {

namespace {

// Upper-case letters in a row. With a step of 1 each has its lower case at a distance; with a step of 2 it is followed
// by it.
struct Letters {
  char32_t first;
  char32_t last;
  std::uint8_t step;
  std::uint8_t distance;
};

constexpr Letters kLetters[] = {
    // Latin: ASCII, Latin-1 without the multiplication sign, Extended-A, of Extended-B what languages in use have,
    // Extended Additional, full width
    {U'A', U'Z', 1, 32},
    {0xC0, 0xD6, 1, 32},
    {0xD8, 0xDE, 1, 32},
    {0x100, 0x12E, 2, 1},
    {0x132, 0x136, 2, 1},
    {0x139, 0x147, 2, 1},
    {0x14A, 0x176, 2, 1},
    {0x179, 0x17D, 2, 1},
    {0x1CD, 0x1DB, 2, 1},
    {0x1DE, 0x1EE, 2, 1},
    {0x1F8, 0x21E, 2, 1},
    {0x222, 0x232, 2, 1},
    {0x1E00, 0x1E94, 2, 1},
    {0x1EA0, 0x1EFE, 2, 1},
    {0xFF21, 0xFF3A, 1, 32},
    // Greek
    {0x386, 0x386, 1, 38},
    {0x388, 0x38A, 1, 37},
    {0x38C, 0x38C, 1, 64},
    {0x38E, 0x38F, 1, 63},
    {0x391, 0x3A1, 1, 32},
    {0x3A3, 0x3AB, 1, 32},
    // Cyrillic
    {0x400, 0x40F, 1, 80},
    {0x410, 0x42F, 1, 32},
    {0x460, 0x480, 2, 1},
    {0x48A, 0x4BE, 2, 1},
    {0x4C0, 0x4C0, 1, 15},
    {0x4C1, 0x4CD, 2, 1},
    {0x4D0, 0x52E, 2, 1},
    // Armenian
    {0x531, 0x556, 1, 48},
};
constexpr char32_t kUpperYDiaeresis = 0x178;
constexpr char32_t kLowerYDiaeresis = 0xFF;
constexpr char32_t kUpperDottedI = 0x130;

bool among(char32_t c, const Letters& letters, char32_t shift) {
  return c >= letters.first + shift && c <= letters.last + shift && (c - letters.first - shift) % letters.step == 0;
}

bool is_lower(char32_t c) {
  // What has an upper case of more than one letter, or beyond the table.
  if (c == kLowerYDiaeresis || c == 0xDF || c == 0x131 || c == 0x138 || c == 0x149 || c == 0x17F || c == 0x390 ||
      c == 0x3B0 || c == 0x3C2) {
    return true;
  }
  return std::any_of(std::begin(kLetters), std::end(kLetters),
                     [&](const Letters& letters) { return among(c, letters, letters.distance); });
}

// Punctuation, currency, arrows, mathematics, pictures: by blocks, less the letters among them.
bool is_symbol(char32_t c) {
  if (c < 0x7F) return c >= U' ';
  if (c >= 0xA1 && c <= 0xBF) return c != 0xAA && c != 0xB5 && c != 0xBA;
  return c == 0xD7 || c == 0xF7 || (c >= 0x2010 && c <= 0x2BFF && c != 0x2071 && c != 0x207F) ||
         (c >= 0x3001 && c <= 0x303F) || (c >= 0x1F000 && c <= 0x1FAFF);
}

std::size_t sequence_size(unsigned char lead) {
  if (lead < 0xC2) return 1;
  return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
}

// Takes one code point off the front.
char32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = sequence_size(lead);
  char32_t c = size == 1 ? lead : lead & (0x7F >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      text.remove_prefix(1);
      return lead;
    }
    c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(size);
  return c;
}

std::size_t size_in_utf8(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

void put_code_point(char32_t c, std::size_t size, unsigned char* into) {
  if (size == 1) {
    into[0] = static_cast<unsigned char>(c);
    return;
  }
  for (std::size_t i = size; i-- > 1; c >>= 6) into[i] = static_cast<unsigned char>(0x80 | (c & 0x3F));
  into[0] = static_cast<unsigned char>((0xF00u >> size) | c);
}

}  // namespace

char32_t lower_case(char32_t c) {
  if (c == kUpperYDiaeresis) return kLowerYDiaeresis;
  if (c == kUpperDottedI) return U'i';
  for (const Letters& letters : kLetters) {
    if (among(c, letters, 0)) return c + letters.distance;
  }
  return c;
}

CharacterKind kind_of(char32_t c) {
  if (c >= U'0' && c <= U'9') return CharacterKind::kDigit;
  if (lower_case(c) != c) return CharacterKind::kUpper;
  if (is_lower(c)) return CharacterKind::kLower;
  return is_symbol(c) ? CharacterKind::kSymbol : CharacterKind::kOther;
}

CodePoints CodePoints::decode(std::string_view text) {
  CodePoints result(text.size());
  while (!text.empty()) result.writable()[result.count_++] = take_code_point(text);
  return result;
}

CodePoints CodePoints::decode_folded(std::string_view text) {
  CodePoints result = decode(text);
  std::transform(result.writable(), result.writable() + result.count_, result.writable(), lower_case);
  return result;
}

crypto::SecretBuffer CodePoints::encode() const {
  std::size_t size = 0;
  for (const char32_t c : values()) size += size_in_utf8(c);
  crypto::SecretBuffer text(size);
  unsigned char* at = text.bytes();
  for (const char32_t c : values()) {
    put_code_point(c, size_in_utf8(c), at);
    at += size_in_utf8(c);
  }
  return text;
}

}  // namespace gatehouse::accounts

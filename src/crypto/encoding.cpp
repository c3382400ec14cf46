#include "crypto/encoding.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/secret_buffer.h"

namespace gatehouse::crypto {

namespace {

// Digits are moved five at a time: 62^5 times 32 bits still fits 64, and a 256-bit number then costs
// 9 passes over its bytes, not 43. How much is done depends on the sizes alone, never on the values, and
// no value becomes an index or a branch.
constexpr std::size_t kGroupDigits = 5;

constexpr std::uint64_t group_base(std::size_t digits) {
  std::uint64_t base = 1;
  while (digits-- > 0) base *= 62;
  return base;
}

// All ones where a > b, of numbers below 2^31.
constexpr std::uint32_t greater(std::uint32_t a, std::uint32_t b) { return 0u - ((b - a) >> 31); }

constexpr char digit_of(std::uint32_t value) {
  return static_cast<char>('0' + value + (greater(value, 9) & ('A' - '9' - 1)) +
                           (greater(value, 35) & ('a' - 'Z' - 1)));
}

// The digit's value; `outside` becomes non-zero for a character that is no digit.
constexpr std::uint32_t value_of(char character, std::uint32_t& outside) {
  const std::uint32_t c = static_cast<unsigned char>(character);
  const std::uint32_t decimal = greater(c, '0' - 1) & greater('9' + 1, c);
  const std::uint32_t upper = greater(c, 'A' - 1) & greater('Z' + 1, c);
  const std::uint32_t lower = greater(c, 'a' - 1) & greater('z' + 1, c);
  outside |= ~(decimal | upper | lower);
  return (decimal & (c - '0')) | (upper & (c - 'A' + 10)) | (lower & (c - 'a' + 36));
}

// Divides `number` by 62^kDigits and writes the remainder's digits at the end of `into`; gives what is left of `into`.
// The divisor is a constant, so that it becomes a multiplication: the time of a division depends on its operands.
template <std::size_t kDigits>
std::span<char> move_digits(SecretBuffer& number, std::span<char> into) {
  constexpr std::uint64_t kBase = group_base(kDigits);
  std::uint64_t remainder = 0;
  for (std::size_t i = 0; i < number.size(); ++i) {
    const std::uint64_t current = (remainder << 8) | number.bytes()[i];
    number.bytes()[i] = static_cast<unsigned char>(current / kBase);
    remainder = current % kBase;
  }
  for (std::size_t i = 1; i <= kDigits; ++i) {
    into[into.size() - i] = digit_of(static_cast<std::uint32_t>(remainder % 62));
    remainder /= 62;
  }
  return into.first(into.size() - kDigits);
}

// number = number * factor + summand; gives what doesn't fit. Four bytes at a time: a key is read at every request.
std::uint64_t multiply_add(std::span<unsigned char> number, std::uint64_t factor, std::uint64_t summand) {
  std::size_t at = number.size();
  for (; at >= 4; at -= 4) {
    unsigned char* const word = number.data() + at - 4;
    const std::uint32_t value = std::uint32_t{word[0]} << 24 | std::uint32_t{word[1]} << 16 |
                                std::uint32_t{word[2]} << 8 | std::uint32_t{word[3]};
    summand += value * factor;
    for (int i = 0; i < 4; ++i) word[i] = static_cast<unsigned char>(summand >> (24 - 8 * i));
    summand >>= 32;
  }
  while (at > 0) {
    summand += number[--at] * factor;
    number[at] = static_cast<unsigned char>(summand);
    summand >>= 8;
  }
  return summand;
}

}  // namespace

bool encode_base62(std::span<const unsigned char> bytes, std::span<char> into) {
  SecretBuffer number({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  while (!into.empty())
    into = into.size() < kGroupDigits ? move_digits<1>(number, into) : move_digits<kGroupDigits>(number, into);
  return sodium_is_zero(number.bytes(), number.size()) == 1;
}

bool decode_base62(std::string_view text, std::span<unsigned char> into) noexcept {
  for (unsigned char& byte : into) byte = 0;
  std::uint32_t outside = 0;
  std::uint64_t lost = 0;
  while (!text.empty()) {
    const std::size_t uneven = text.size() % kGroupDigits;
    const std::size_t digits = uneven == 0 ? kGroupDigits : uneven;
    std::uint64_t carry = 0;
    for (const char character : text.substr(0, digits)) carry = carry * 62 + value_of(character, outside);
    lost |= multiply_add(into, group_base(digits), carry);
    text.remove_prefix(digits);
  }
  return outside == 0 && lost == 0;
}

bool base62_at_most(std::string_view text, std::string_view greatest) noexcept {
  if (text.size() != greatest.size()) return false;
  // Digits stand in the order of their characters, so the numbers compare as the texts do.
  std::uint32_t outside = 0;
  std::uint32_t undecided = ~0u;
  std::uint32_t above = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint32_t digit = static_cast<unsigned char>(text[i]);
    const std::uint32_t most = static_cast<unsigned char>(greatest[i]);
    value_of(text[i], outside);
    above |= undecided & greater(digit, most);
    undecided &= ~(greater(digit, most) | greater(most, digit));
  }
  return outside == 0 && above == 0;
}

std::uint64_t base62_number(std::string_view text) noexcept {
  std::uint32_t outside = 0;
  std::uint64_t number = 0;
  for (const char character : text) number = number * 62 + value_of(character, outside);
  return number;
}

void encode_base64url(std::span<const unsigned char> bytes, std::span<char> into) {
  // libsodium ends its text with a NUL, for which `into` has no room.
  SecretBuffer text(base64url_size(bytes.size()) + 1);
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  std::copy_n(text.data(), text.size() - 1, into.begin());
}

std::optional<std::size_t> decode_base64(std::string_view text, Base64 form, std::span<unsigned char> into) noexcept {
  // Up to 1.0.18, libsodium takes some bytes above 127 for the characters that they are 128 above.
  unsigned char seen = 0;
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  if ((seen & 0x80) != 0) return std::nullopt;

  int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  if (form == Base64::kPlain) variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  if (form == Base64::kPadded) variant = sodium_base64_VARIANT_ORIGINAL;
  unsigned char nowhere;  // libsodium takes no null pointer, which an empty span may have
  std::size_t size = 0;
  if (sodium_base642bin(into.empty() ? &nowhere : into.data(), into.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, variant) != 0) {
    return std::nullopt;
  }
  return size;
}

bool decode_base64url(std::string_view text, std::span<unsigned char> into) noexcept {
  return text.size() == base64url_size(into.size()) && decode_base64(text, Base64::kUrl, into) == into.size();
}

}  // namespace gatehouse::crypto

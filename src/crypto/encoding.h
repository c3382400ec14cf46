// Text forms of binary values. Core.
//
// base62: digits 0-9A-Za-z, most significant first, of fixed width: the number is big-endian and
// padded with '0'. base64url: RFC 4648 section 5, without padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::crypto {

// Writes the big-endian number `bytes` into exactly into.size() digits. False where it doesn't fit.
// In constant time with respect to the value of `bytes`.
bool encode_base62(std::span<const unsigned char> bytes, std::span<char> into);
// Fills `into` entirely. False for a character outside the alphabet or a number that doesn't fit.
bool decode_base62(std::string_view text, std::span<unsigned char> into) noexcept;

// Whether the text has base62 digits alone, as many as `greatest` has, and as a number is not above it: what decode_base62
// says, without the calculation. In constant time with respect to the digits.
bool base62_at_most(std::string_view text, std::string_view greatest) noexcept;
// The number that the digits are, modulo 2^64; any, where they are no digits.
std::uint64_t base62_number(std::string_view text) noexcept;

// The forms of base64 in RFC 4648: section 5 without padding, section 4 without and with it.
enum class Base64 { kUrl, kPlain, kPadded };
// Gives the number of bytes written to `into`; nothing where they don't fit or where the text is not the one canonical
// encoding: other characters, blanks, padding too much or too little, trailing bits that are not zero.
std::optional<std::size_t> decode_base64(std::string_view text, Base64 form, std::span<unsigned char> into) noexcept;

constexpr std::size_t base64url_size(std::size_t bytes) { return (bytes * 4 + 2) / 3; }
// `into` has base64url_size(bytes.size()) characters.
void encode_base64url(std::span<const unsigned char> bytes, std::span<char> into);
// Fills `into` entirely; the text must be the one canonical encoding of exactly into.size() bytes.
bool decode_base64url(std::string_view text, std::span<unsigned char> into) noexcept;

}  // namespace gatehouse::crypto

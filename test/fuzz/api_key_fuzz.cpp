// API keys: what is no key, what is one, and what a key shows of itself.
//
// First line: a text that is parsed as it stands. Second: one that is given the checksum which it should have, since no
// fuzzer guesses a CRC. Both are held against the form by other means: base62 by the book, the CRC bit by bit.
#include <string>
#include <vector>

#include "api_keys/key_format.h"
#include "base62.h"
#include "input.h"

using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;
namespace api_keys = gatehouse::api_keys;

namespace {

constexpr std::size_t kLookupSize = 11;
constexpr std::size_t kSecretSize = 43;
constexpr std::size_t kChecksumSize = 6;

// CRC-32/ISO-HDLC.
std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
  }
  return ~crc;
}

// `wrong`: bits of the checksum that are turned round.
std::string checksum(std::string_view text, std::uint32_t wrong = 0) {
  std::string digits(kChecksumSize, '0');
  std::uint32_t rest = crc32(text) ^ wrong;
  for (std::size_t i = kChecksumSize; i-- > 0; rest /= 62) digits[i] = gatehouse::fuzz::kBase62[rest % 62];
  return digits;
}

bool shaped(std::string_view text) {
  if (text.size() < 2 + api_keys::kBodySize || text.size() > api_keys::kMaxKeySize) return false;
  const std::string_view prefix = text.substr(0, text.size() - api_keys::kBodySize - 1);
  return text[prefix.size()] == '_' &&
         prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

// The look-up id of a key, -1 where the text is none.
std::int64_t expected_id(std::string_view text) {
  if (!shaped(text)) return -1;
  const std::string_view body = text.substr(text.size() - api_keys::kBodySize);
  std::vector<std::uint8_t> secret;
  std::vector<std::uint8_t> lookup;
  if (!gatehouse::fuzz::read_base62(body.substr(0, kLookupSize), lookup) ||
      !gatehouse::fuzz::read_base62(body.substr(kLookupSize, kSecretSize), secret) || secret.size() > 32 ||
      lookup.size() > 8 || (lookup.size() == 8 && lookup[0] > 0x7f) ||
      body.substr(kLookupSize + kSecretSize) != checksum(text.substr(0, text.size() - kChecksumSize))) {
    return -1;
  }
  std::int64_t id = 0;
  for (const std::uint8_t byte : lookup) id = id << 8 | byte;
  return id;
}

void check_hint(std::string_view text) {
  const auto hint = api_keys::key_hint(text);
  if (!shaped(text)) return require(hint.size == 0, "what has not the form of a key has no hint");
  const std::string shown = std::string(text.substr(0, text.size() - api_keys::kBodySize + 4)) + "...";
  require(hint.view() == shown, "a hint shows the prefix and four characters");
}

void check(std::string_view text) {
  const auto parsed = api_keys::parse_key(text);
  const std::int64_t expected = expected_id(text);
  require(parsed.well_formed == (expected >= 0), "a key is what has the form and the checksum");
  if (parsed.well_formed) require(parsed.lookup_id == expected, "the look-up id is the number in the key");
  check_hint(text);
}

// CRC-32 finds every change within 32 bits in a row.
void check_damaged(std::string key, std::uint8_t at, char character) {
  char& changed = key[at % key.size()];
  if (changed == character) return;
  changed = character;
  require(!api_keys::parse_key(key).well_formed, "a key with one wrong character is refused");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::string_view as_it_stands = input.line();
  check(as_it_stands);

  const std::string_view unsigned_text = input.line();
  const std::string completed = std::string(unsigned_text) + checksum(unsigned_text);
  check(completed);
  const std::uint8_t at = input.byte();
  const char character = static_cast<char>(input.byte());
  if (api_keys::parse_key(completed).well_formed) check_damaged(completed, at, character);
  const auto wrong = std::uint32_t{input.byte()} << input.byte() % 25;
  check(std::string(unsigned_text) + checksum(unsigned_text, wrong));

  const std::string_view prefix = as_it_stands.substr(0, as_it_stands.find('_'));
  std::string made(prefix.size() + 1 + api_keys::kBodySize, '?');
  const auto id = api_keys::make_key(prefix, made);
  require(id.ok() == api_keys::prefix_valid(prefix), "a key is made under a valid prefix");
  if (id.ok()) {
    require(id.value >= 0 && expected_id(made) == id.value, "a key that is made is a key");
    check(made);
    check_damaged(made, at, character);
  }
  return 0;
}

// base62 and base64url, both ways: decode after encode is the identity, and what is decoded is encoded in that one way.
#include <cstring>
#include <string>
#include <vector>

#include "base62.h"
#include "crypto/encoding.h"
#include "input.h"

using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;
namespace crypto = gatehouse::crypto;

namespace {

using Bytes = std::vector<unsigned char>;

Bytes without_leading_zeros(Bytes bytes) {
  bytes.erase(bytes.begin(), std::find_if(bytes.begin(), bytes.end(), [](unsigned char b) { return b != 0; }));
  return bytes;
}

// `size`: of the number that is decoded.
void check_base62_text(std::string_view text, std::size_t size) {
  std::vector<std::uint8_t> expected;
  const bool digits = gatehouse::fuzz::read_base62(text, expected);
  Bytes decoded(size, 0xa5);
  const bool accepted = crypto::decode_base62(text, decoded);
  require(accepted == (digits && expected.size() <= size),
          "base62 takes digits of a number that fits, and no other text");
  if (!accepted) return;
  require(without_leading_zeros(decoded) == expected, "base62 gives the number");
  std::string again(text.size(), '?');
  require(crypto::encode_base62(decoded, again) && again == text, "base62 of this width is written in one way");
}

void check_base62_bytes(const Bytes& bytes, std::size_t width) {
  std::string text(width, '?');
  const bool fits = crypto::encode_base62(bytes, text);
  std::vector<std::uint8_t> shown;
  require(gatehouse::fuzz::read_base62(text, shown), "base62 writes its own digits");
  require(fits == (shown == without_leading_zeros(bytes)), "base62 says whether the number fits its digits");
  if (!fits) return;
  Bytes decoded(bytes.size());
  require(crypto::decode_base62(text, decoded) && decoded == bytes, "base62 decodes what it encodes");
}

void check_base64url_text(std::string_view text, std::size_t size) {
  Bytes decoded(size, 0xa5);
  if (!crypto::decode_base64url(text, decoded)) return;
  std::string again(crypto::base64url_size(size), '?');
  crypto::encode_base64url(decoded, again);
  require(again == text, "base64url is written in one way");
}

void check_base64url_bytes(const Bytes& bytes) {
  std::string text(crypto::base64url_size(bytes.size()), '?');
  crypto::encode_base64url(bytes, text);
  require(
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos,
      "base64url writes its alphabet");
  Bytes decoded(bytes.size());
  require(crypto::decode_base64url(text, decoded) && decoded == bytes, "base64url decodes what it encodes");
  if (!bytes.empty()) {
    Bytes shorter(bytes.size() - 1);
    require(!crypto::decode_base64url(text, shorter), "base64url of another size is refused");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::size_t bytes_wanted = input.byte() % 65;
  const std::size_t width = input.byte() % 97;
  const std::string_view text = input.rest().substr(0, 200);
  const Bytes bytes(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(text.size(), 64)));
  check_base62_text(text, bytes_wanted);
  check_base62_bytes(bytes, width);
  check_base64url_text(text, bytes_wanted);
  check_base64url_text(text, text.size() * 3 / 4);
  check_base64url_bytes(bytes);
  return 0;
}

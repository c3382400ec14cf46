// Signed tokens: what is split, and that only what was signed opens. 32 bytes of a key, then the text of a token; header and payload
// are signed too, since no random text is.
#include <algorithm>
#include <string>

#include "input.h"
#include "sessions/compact_jws.h"

using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;
namespace crypto = gatehouse::crypto;
namespace sessions = gatehouse::sessions;

namespace {

bool is_base64url(std::string_view text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos &&
         text.size() % 4 != 1;
}

std::string decoded(std::string_view part) {
  std::array<char, sessions::kMaxJwsSize> bytes;
  return std::string(sessions::decode_part(part, bytes));
}

void check_text(std::string_view text, const crypto::KeyRing::Key& key) {
  const auto split = sessions::split_jws(text);
  if (!split) return;
  require(text.size() <= sessions::kMaxJwsSize && std::count(text.begin(), text.end(), '.') == 2, "a token has three parts");
  require(is_base64url(split->header) && is_base64url(split->payload), "its parts are base64url");
  require(split->signed_part.size() + 1 + 86 == text.size(), "the last is a signature");
  require(!sessions::signature_holds(*split, key.public_key()), "nobody guesses a signature");
}

void check_signed(std::string_view header, std::string_view payload, const crypto::KeyRing::Key& key) {
  if (sessions::jws_size(header.size(), payload.size()) > sessions::kMaxJwsSize) return;
  std::string token(sessions::jws_size(header.size(), payload.size()), '\0');
  sessions::sign_jws(header, payload, key, token);
  const auto split = sessions::split_jws(token);
  require(split.has_value() && sessions::signature_holds(*split, key.public_key()), "what was signed opens");
  require(decoded(split->header) == header && decoded(split->payload) == payload, "and is what was signed");
  std::string changed = token;
  changed[payload.size() % token.rfind('.')] ^= 1;
  const auto other = sessions::split_jws(changed);
  require(!other || !sessions::signature_holds(*other, key.public_key()), "what was changed doesn't");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  crypto::KeyRing::Key key{.id = 1, .master = {}};
  const auto master = input.bytes(key.master.size());
  std::copy(master.begin(), master.end(), key.master.begin());
  crypto::complete_key(key);
  const std::string_view text = input.rest();
  check_text(text, key);
  const std::size_t half = text.size() / 2;
  check_signed(text.substr(0, half), text.substr(half), key);
  return 0;
}

// Refresh tokens: what is located, and what follows it. 32 bytes of a key, then the text of a token; the first 48 bytes
// of the text are made into a token too, since few random texts are one.
#include <array>
#include <string>

#include "boundary/run_core.h"
#include "crypto/encoding.h"
#include "input.h"
#include "sessions/refresh_token.h"

using gatehouse::Fault;
using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;
namespace crypto = gatehouse::crypto;
namespace sessions = gatehouse::sessions;

namespace {

using Token = std::array<char, sessions::kTokenSize>;

std::string_view view(const Token& token) { return {token.data(), token.size()}; }

bool same_session(const sessions::LocatedToken& a, const sessions::LocatedToken& b) {
  return a.well_formed && b.well_formed && a.locator_digest == b.locator_digest;
}

bool is_token(std::string_view text) {
  // 48 bytes fill 64 characters, so there are no spare bits.
  return text.size() == sessions::kTokenSize &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
             std::string_view::npos;
}

void check_successors(std::string_view token, const crypto::KeyRing::Key& key) {
  const auto located = sessions::locate(token);
  Token first;
  Token second;
  require(sessions::make_successor(token, &key, first).ok() && sessions::make_successor(token, &key, second).ok(),
          "a token has a successor");
  require(first == second, "under a key a token has one successor");
  require(view(first) != token, "a successor is another token");
  require(same_session(sessions::locate(view(first)), located), "a successor is of the same session");
  // 16 bytes of locator are 21 characters and two bits.
  require(view(first).substr(0, 21) == token.substr(0, 21), "a successor has the same locator");

  crypto::KeyRing::Key other = key;
  other.master[0] ^= 1;
  Token under_other;
  require(sessions::make_successor(token, &other, under_other).ok() && under_other != first,
          "another key gives another successor");
  Token random;
  require(sessions::make_successor(token, nullptr, random).ok() && random != first, "without a key it is random");
  require(same_session(sessions::locate(view(random)), located), "a random successor is of the same session");

  std::string foreign(token);
  foreign[0] = foreign[0] == 'A' ? 'B' : 'A';
  require(!same_session(sessions::locate(foreign), located), "another locator is another session");
  std::string replayed(token);
  replayed[63] = replayed[63] == 'A' ? 'B' : 'A';
  require(same_session(sessions::locate(replayed), located), "another secret is of the same session");
}

void check(std::string_view token, const crypto::KeyRing::Key& key) {
  const bool well_formed = sessions::locate(token).well_formed;
  require(well_formed == is_token(token), "a token is 64 characters of base64url");
  if (well_formed) return check_successors(token, key);
  Token successor;
  const auto refused = gatehouse::run_core([&] { return sessions::make_successor(token, &key, successor); });
  require(refused.refusal.fault == Fault::kInternal, "what is no token has no successor");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  crypto::KeyRing::Key key{.id = 1, .master = {}};
  const auto master = input.bytes(key.master.size());
  std::copy(master.begin(), master.end(), key.master.begin());
  check(input.rest(), key);

  std::array<unsigned char, sessions::kLocatorBytes + sessions::kSecretBytes> raw{};
  const auto bytes = input.bytes(raw.size());
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  Token token;
  crypto::encode_base64url(raw, token);
  check(view(token), key);
  require(sessions::make_refresh_token(token).ok(), "a token can be made");
  check(view(token), key);
  return 0;
}

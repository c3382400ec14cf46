#include "sessions/refresh_token.h"

#include <sodium.h>

#include "crypto/encoding.h"
#include "crypto/secret_buffer.h"

namespace gatehouse::sessions {

namespace {

constexpr std::size_t kTokenBytes = kLocatorBytes + kSecretBytes;
static_assert(crypto::base64url_size(kTokenBytes) == kTokenSize);

}  // namespace

Result<Done> make_refresh_token(std::span<char, kTokenSize> into) {
  crypto::SecretBuffer token(kTokenBytes);
  randombytes_buf(token.bytes(), token.size());
  crypto::encode_base64url({token.bytes(), token.size()}, into);
  return Done{};
}

LocatedToken locate(std::string_view token) noexcept {
  std::array<unsigned char, kTokenBytes> decoded;
  LocatedToken located{};
  if (crypto::decode_base64url(token, decoded)) {
    const std::string_view locator{reinterpret_cast<const char*>(decoded.data()), kLocatorBytes};
    located = {true, crypto::token_digest(locator, nullptr)};
  }
  sodium_memzero(decoded.data(), decoded.size());
  return located;
}

Result<Done> make_successor(std::string_view token, const crypto::KeyRing::Key* key, std::span<char, kTokenSize> into) {
  crypto::SecretBuffer successor(kTokenBytes);
  if (!crypto::decode_base64url(token, {successor.bytes(), successor.size()})) {
    return Fault::kInternal;
  }
  unsigned char* secret = successor.bytes() + kLocatorBytes;
  if (key == nullptr) {
    randombytes_buf(secret, kSecretBytes);
  } else {
    crypto::SecretBuffer derived(crypto::kKeyBytes);
    crypto::derive_key(*key, crypto::Purpose::kRefreshSuccessor,
                       std::span<unsigned char, crypto::kKeyBytes>(derived.bytes(), crypto::kKeyBytes));
    crypto_generichash(secret, kSecretBytes, reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                       derived.bytes(), derived.size());
  }
  crypto::encode_base64url({successor.bytes(), successor.size()}, into);
  return Done{};
}

}  // namespace gatehouse::sessions

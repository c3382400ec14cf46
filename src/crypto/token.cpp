#include "crypto/token.h"

#include <sodium.h>

#include "crypto/encoding.h"

namespace gatehouse::crypto {

Result<Done> generate_token(std::size_t bytes, std::span<char> into) {
  if (bytes < kMinTokenBytes || bytes > kMaxTokenBytes) return Fault::kTokenSizeOutOfRange;
  std::array<unsigned char, kMaxTokenBytes> random;
  randombytes_buf(random.data(), bytes);
  encode_base64url({random.data(), bytes}, into);
  sodium_memzero(random.data(), random.size());
  return Done{};
}

Digest token_digest(std::string_view token, const KeyRing::Key* key) noexcept {
  Digest digest;
  const auto* text = reinterpret_cast<const unsigned char*>(token.data());
  const std::span<const unsigned char> under = key == nullptr ? std::span<const unsigned char>{} : key->for_tokens;
  crypto_generichash(digest.data(), digest.size(), text, token.size(), under.data(), under.size());
  return digest;
}

bool digests_equal(std::span<const unsigned char> a, std::span<const unsigned char> b) noexcept {
  static_assert(kDigestBytes == crypto_verify_32_BYTES);
  return a.size() == kDigestBytes && b.size() == kDigestBytes && crypto_verify_32(a.data(), b.data()) == 0;
}

}  // namespace gatehouse::crypto

// Signed tokens in compact serialization.
#include "sessions/compact_jws.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::sessions {
namespace {

// RFC 8037, appendices A.1, A.2 and A.4: the key, its public half, what is signed and the whole.
constexpr std::array<unsigned char, crypto::kSigningKeyBytes> kKey = {
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
constexpr std::string_view kPublicX = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr std::string_view kHeader = R"({"alg":"EdDSA"})";
constexpr std::string_view kPayload = "Example of Ed25519 signing";
constexpr std::string_view kToken =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

crypto::KeyRing::Key known_key() {
  crypto::KeyRing::Key key{.id = 1, .master = {}};
  key.for_access_tokens = kKey;
  return key;
}

std::string sign(std::string_view header, std::string_view payload, const crypto::KeyRing::Key& key) {
  std::string token(jws_size(header.size(), payload.size()), '\0');
  sign_jws(header, payload, key, token);
  return token;
}

bool opens(std::string_view token, const crypto::KeyRing::Key& key) {
  const std::optional<CompactJws> split = split_jws(token);
  return split && signature_holds(*split, key.public_key());
}

std::string decoded(std::string_view part) {
  std::array<char, kMaxJwsSize> bytes;
  return std::string(decode_part(part, bytes));
}

TEST(SignJws, GivesTheKnownAnswer) { EXPECT_EQ(sign(kHeader, kPayload, known_key()), kToken); }

TEST(SignatureHolds, ForTheKnownAnswer) { EXPECT_TRUE(opens(kToken, known_key())); }

TEST(PublicKey, IsTheKnownOne) {
  std::array<char, crypto::base64url_size(crypto::kPublicKeyBytes)> x;
  crypto::encode_base64url(known_key().public_key(), x);
  EXPECT_EQ(std::string_view(x.data(), x.size()), kPublicX);
}

TEST(SplitJws, GivesTheParts) {
  const std::optional<CompactJws> split = split_jws(kToken);
  ASSERT_TRUE(split);
  EXPECT_EQ(decoded(split->header), kHeader);
  EXPECT_EQ(decoded(split->payload), kPayload);
  EXPECT_EQ(split->signed_part, kToken.substr(0, kToken.rfind('.')));
}

TEST(SplitJws, RefusesWhatIsNoToken) {
  const std::string token(kToken);
  const std::string signature = token.substr(token.rfind('.'));
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), token + ".", "." + token, token + "=",
        token + "\n", " " + token, token.substr(0, token.size() - 1), token + "A", token.substr(0, token.rfind('.')),
        token.substr(0, token.rfind('.') + 1), "e30=.e30" + signature, "e30.e3_" + signature, "e 0.e30" + signature,
        "e30.e30." + signature.substr(1) + ".", std::string(kMaxJwsSize + 1, 'A'), "e30." + std::string(kMaxJwsSize, 'A') + signature}) {
    EXPECT_FALSE(split_jws(text)) << text.substr(0, 60);
  }
  EXPECT_TRUE(split_jws("." + signature)) << "header and payload may be empty here";
}

TEST(SignatureHolds, ForNothingElse) {
  for (std::size_t i = 0; i < kToken.size(); ++i) {
    std::string changed(kToken);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(opens(changed, known_key())) << i;
  }
}

TEST(SignatureHolds, ForNoOtherKey) {
  crypto::KeyRing::Key first{.id = 1, .master = {1}};
  crypto::KeyRing::Key second{.id = 1, .master = {2}};
  crypto::complete_key(first);
  crypto::complete_key(second);
  const std::string token = sign(kHeader, kPayload, first);
  EXPECT_TRUE(opens(token, first));
  EXPECT_FALSE(opens(token, second));
}

// RFC 8032, section 8.4: a scalar that is not reduced would be a second signature of the same.
TEST(SignatureHolds, NotForAnUnreducedScalar) {
  std::optional<CompactJws> split = split_jws(kToken);
  ASSERT_TRUE(split);
  constexpr std::array<unsigned char, 32> kOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                                    0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                                    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    carry += split->signature[32 + i] + kOrder[i];
    split->signature[32 + i] = static_cast<unsigned char>(carry);
    carry >>= 8;
  }
  EXPECT_FALSE(signature_holds(*split, known_key().public_key()));
}

}  // namespace
}  // namespace gatehouse::sessions

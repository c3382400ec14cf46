// Tokens and their digests.
#include "crypto/token.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <set>
#include <string>
#include <vector>

#include "crypto/encoding.h"

namespace gatehouse::crypto {
namespace {

std::string hex(std::span<const unsigned char> bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

KeyRing::Key rising_key(unsigned char first) {
  KeyRing::Key key{.id = 1, .master = {}};
  for (std::size_t i = 0; i < kKeyBytes; ++i) key.master[i] = static_cast<unsigned char>(first + i);
  complete_key(key);
  return key;
}

TEST(GenerateToken, HasTheBytesAskedFor) {
  for (std::size_t bytes = kMinTokenBytes; bytes <= kMaxTokenBytes; ++bytes) {
    std::string text(base64url_size(bytes), '#');
    ASSERT_TRUE(generate_token(bytes, text).ok());
    std::vector<unsigned char> decoded(bytes);
    EXPECT_TRUE(decode_base64url(text, decoded)) << text;
  }
  EXPECT_EQ(base64url_size(32), 43u) << "the default's size is part of the interface";
}

TEST(GenerateToken, RefusesOtherSizes) {
  std::string text(200, '#');
  for (const std::size_t bytes : {std::size_t{0}, kMinTokenBytes - 1, kMaxTokenBytes + 1, SIZE_MAX}) {
    EXPECT_EQ(generate_token(bytes, text).refusal.fault, Fault::kTokenSizeOutOfRange) << bytes;
  }
  EXPECT_EQ(text, std::string(200, '#')) << "a refusal writes nothing";
}

TEST(GenerateToken, NeverRepeats) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    std::string text(base64url_size(16), '#');
    ASSERT_TRUE(generate_token(16, text).ok());
    EXPECT_TRUE(seen.insert(text).second);
  }
}

TEST(TokenDigest, IsBlake2bWithoutAKey) {
  // BLAKE2b-256 of "abc", and of "token" by Python's hashlib.
  EXPECT_EQ(hex(token_digest("abc", nullptr)), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(hex(token_digest("token", nullptr)), "7b3efc0a1c4bc54e7398811f7e474e461a9c00cbc951f33b886a5f207c820ef2");
  EXPECT_EQ(hex(token_digest("", nullptr)), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

TEST(TokenDigest, IsKeyedWithTheKeyDerivedForIt) {
  // By Python's hashlib: blake2b of nothing, keyed with the master, salt 1, person "gatehous", keys blake2b of the
  // token.
  const KeyRing::Key key = rising_key(0);
  EXPECT_EQ(hex(token_digest("token", &key)), "c98a4278a26a327e93a6f123fb3758acf4cde398b9dfd20dd453ca866f0298c3");
}

TEST(TokenDigest, DependsOnTheKeyAndOnTheToken) {
  const KeyRing::Key one = rising_key(0);
  const KeyRing::Key other = rising_key(1);
  EXPECT_NE(token_digest("token", &one), token_digest("token", &other));
  EXPECT_NE(token_digest("token", &one), token_digest("token", nullptr));
  EXPECT_NE(token_digest("token", &one), token_digest("tokem", &one));
}

TEST(DeriveKey, GivesKnownAnswersForEachPurpose) {
  const KeyRing::Key key = rising_key(0);
  std::array<unsigned char, kKeyBytes> derived;
  derive_key(key, Purpose::kTokenDigest, derived);
  EXPECT_EQ(hex(derived), "c968681054bcf999826520bcfb7dff777e29660d9e04a54027607840e93e05e9");
  derive_key(key, Purpose::kRefreshSuccessor, derived);
  EXPECT_EQ(hex(derived), "123458ff48a79931eab1340dcb6894fbf9d1cd8df953bd5c0b01927018e305f6");
}

TEST(DigestsEqual, ComparesSizeAndEveryByte) {
  const Digest digest = token_digest("token", nullptr);
  EXPECT_TRUE(digests_equal(digest, digest));
  for (std::size_t i = 0; i < digest.size(); ++i) {
    Digest changed = digest;
    changed[i] ^= 1;
    EXPECT_FALSE(digests_equal(digest, changed)) << i;
  }
  EXPECT_FALSE(digests_equal(digest, std::span(digest).first(31)));
  EXPECT_FALSE(digests_equal({}, digest));
  EXPECT_FALSE(digests_equal({}, {})) << "what has not the size of a digest is none, and equals nothing";
}

}  // namespace
}  // namespace gatehouse::crypto

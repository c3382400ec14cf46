// The text of a refresh token, its digest and its successor.
#include "sessions/refresh_token.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gatehouse::sessions {
namespace {

// The bytes 0 to 47.
constexpr std::string_view kKnownToken = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v";

crypto::KeyRing::Key rising_key() {
  crypto::KeyRing::Key key{.id = 1, .master = {}};
  for (std::size_t i = 0; i < crypto::kKeyBytes; ++i) key.master[i] = static_cast<unsigned char>(i);
  crypto::complete_key(key);
  return key;
}

std::string new_token() {
  std::array<char, kTokenSize> text;
  EXPECT_TRUE(make_refresh_token(text).ok());
  return {text.data(), text.size()};
}

std::string successor(std::string_view token, const crypto::KeyRing::Key* key) {
  std::array<char, kTokenSize> text;
  EXPECT_TRUE(make_successor(token, key, text).ok());
  return {text.data(), text.size()};
}

TEST(Locate, GivesTheDigestOfTheLocator) {
  // BLAKE2b-256 of the bytes 0 to 15, by Python's hashlib.
  const LocatedToken located = locate(kKnownToken);
  ASSERT_TRUE(located.well_formed);
  EXPECT_EQ(located.locator_digest, (crypto::Digest{0xc7, 0xcb, 0x5d, 0x1a, 0x1a, 0x21, 0x4f, 0x1d, 0x83, 0x3a, 0x21,
                                                    0xfe, 0x6c, 0x7b, 0x24, 0x20, 0xe4, 0x17, 0xc2, 0xf2, 0x20, 0x78,
                                                    0x4c, 0xbe, 0x90, 0x07, 0x29, 0x75, 0x13, 0x1b, 0xc3, 0x67}));
}

TEST(Locate, ReadsWhatIsMade) {
  std::set<std::string> seen;
  std::set<crypto::Digest> digests;
  for (int i = 0; i < 200; ++i) {
    const std::string token = new_token();
    const LocatedToken located = locate(token);
    ASSERT_TRUE(located.well_formed) << token;
    EXPECT_TRUE(seen.insert(token).second);
    EXPECT_TRUE(digests.insert(located.locator_digest).second);
  }
}

TEST(Locate, RefusesEveryTruncationAndAddition) {
  const std::string token(kKnownToken);
  for (std::size_t size = 0; size < token.size(); ++size) EXPECT_FALSE(locate(token.substr(0, size)).well_formed);
  for (const char* tail : {" ", "\n", "=", "A", "AAAA"}) EXPECT_FALSE(locate(token + tail).well_formed) << tail;
  EXPECT_FALSE(locate(token + std::string(1, '\0')).well_formed);
  EXPECT_FALSE(locate(std::string(1'000'000, 'A')).well_formed);
}

TEST(Locate, RefusesEveryOtherCharacterAtEveryPlace) {
  for (std::size_t at = 0; at < kTokenSize; ++at) {
    for (const char c : {'+', '/', '=', ' ', '.', '\0', '\x80'}) {
      std::string token(kKnownToken);
      token[at] = c;
      EXPECT_FALSE(locate(token).well_formed) << at;
    }
  }
}

TEST(MakeSuccessor, IsDerivedFromTheTokenAndTheKey) {
  // By Python's hashlib: the same locator, then BLAKE2b-256 of the text keyed with the key derived for it.
  const crypto::KeyRing::Key key = rising_key();
  EXPECT_EQ(successor(kKnownToken, &key), "AAECAwQFBgcICQoLDA0OD8iIATVH2VoSwHxAA-IUfTPaH5C1k9f2Bg872W_7CDzh");
  EXPECT_EQ(successor(kKnownToken, &key), successor(kKnownToken, &key));
}

TEST(MakeSuccessor, IsRandomWithoutAKey) {
  const std::string first = successor(kKnownToken, nullptr);
  EXPECT_NE(first, successor(kKnownToken, nullptr));
  EXPECT_NE(first, kKnownToken);
}

TEST(MakeSuccessor, KeepsTheLocatorAlongTheChain) {
  const crypto::KeyRing::Key key = rising_key();
  std::string token = new_token();
  const LocatedToken start = locate(token);
  std::set<std::string> seen = {token};
  for (int i = 0; i < 100; ++i) {
    token = successor(token, i % 2 == 0 ? &key : nullptr);
    const LocatedToken located = locate(token);
    ASSERT_TRUE(located.well_formed);
    EXPECT_EQ(located.locator_digest, start.locator_digest);
    EXPECT_TRUE(seen.insert(token).second);
  }
}

TEST(MakeSuccessor, RefusesAMalformedToken) {
  std::array<char, kTokenSize> text;
  EXPECT_EQ(make_successor("no token", nullptr, text).refusal.fault, Fault::kInternal);
}

}  // namespace
}  // namespace gatehouse::sessions

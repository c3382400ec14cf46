// The text of an API key.
#include "api_keys/key_format.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <set>
#include <string>

#include "crypto/encoding.h"

namespace gatehouse::api_keys {
namespace {

// Made by another implementation: look-up id 0x0123456789abcdef, the secret's bytes 0 to 31.
constexpr std::string_view kKnownKey = "sk_063UfDVRKBz003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf31WGQK";

std::string new_key(std::string_view prefix) {
  std::string key(prefix.size() + 1 + kBodySize, '#');
  EXPECT_TRUE(make_key(prefix, key).ok());
  return key;
}

// The text with the checksum that its other characters have.
std::string with_checksum(std::string text) {
  const std::size_t body = text.size() - 6;
  const auto crc = static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), body));
  const unsigned char bytes[] = {static_cast<unsigned char>(crc >> 24), static_cast<unsigned char>(crc >> 16),
                                 static_cast<unsigned char>(crc >> 8), static_cast<unsigned char>(crc)};
  crypto::encode_base62(bytes, std::span(text).subspan(body));
  return text;
}

TEST(Checksum, IsTheCrcWhoseCheckValueIsPublished) {
  EXPECT_EQ(crc32_z(0, reinterpret_cast<const Bytef*>("123456789"), 9), 0xCBF43926u);
}

TEST(ClaimedLookupId, IsThatOfAKeyAndAnyOfAnotherText) {
  EXPECT_EQ(claimed_lookup_id(kKnownKey), 0x0123456789abcdef);
  const std::string key = new_key("live");
  EXPECT_EQ(claimed_lookup_id(key), parse_key(key).lookup_id);
  for (const std::string_view text : {"", "sk_", "x"}) claimed_lookup_id(text);
  claimed_lookup_id(std::string(kBodySize, '\xff'));
}

TEST(ParseKey, ReadsAKnownKey) {
  const ParsedKey parsed = parse_key(kKnownKey);
  EXPECT_TRUE(parsed.well_formed);
  EXPECT_EQ(parsed.lookup_id, 0x0123456789abcdef);
}

TEST(ParseKey, ReadsTheGreatestNumbers) {
  const ParsedKey parsed = parse_key("sk_AzL8n0Y58m7yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp14KMDwn");
  EXPECT_TRUE(parsed.well_formed);
  EXPECT_EQ(parsed.lookup_id, INT64_MAX);
}

TEST(ParseKey, RefusesGreaterNumbersUnderARightChecksum) {
  EXPECT_FALSE(parse_key("sk_AzL8n0Y58m8003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf0zYknu").well_formed);
  EXPECT_FALSE(parse_key("sk_00000000001zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz1culZP").well_formed);
}

TEST(MakeKey, GivesWhatParseKeyReads) {
  std::set<std::string> keys;
  for (const char* prefix : {"sk", "a", "0", "abcdefghij12"}) {
    for (int i = 0; i < 200; ++i) {
      std::string key(std::string_view(prefix).size() + 1 + kBodySize, '#');
      const Result<std::int64_t> made = make_key(prefix, key);
      ASSERT_TRUE(made.ok());
      EXPECT_GE(made.value, 0);
      const ParsedKey parsed = parse_key(key);
      ASSERT_TRUE(parsed.well_formed) << key;
      EXPECT_EQ(parsed.lookup_id, made.value);
      EXPECT_TRUE(key.starts_with(std::string(prefix) + "_"));
      EXPECT_TRUE(keys.insert(key).second);
    }
  }
}

TEST(MakeKey, RefusesAMalformedPrefix) {
  for (const char* prefix : {"", "abcdefghij123", "Sk", "s_k", "s k", "\xc3\xa4", "sk "}) {
    std::string key(100, '#');
    EXPECT_EQ(make_key(prefix, key).refusal.fault, Fault::kApiKeyPrefixMalformed) << prefix;
    EXPECT_EQ(key, std::string(100, '#')) << "a refusal writes nothing";
  }
}

TEST(ParseKey, RefusesEveryTruncation) {
  const std::string key = new_key("sk");
  for (std::size_t size = 0; size < key.size(); ++size) {
    EXPECT_FALSE(parse_key(std::string_view(key).substr(0, size)).well_formed) << size;
    EXPECT_FALSE(parse_key(std::string_view(key).substr(key.size() - size)).well_formed) << size;
  }
}

TEST(ParseKey, RefusesEveryFlippedBit) {
  const std::string key = new_key("sk");
  for (std::size_t at = 0; at < key.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = key;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      EXPECT_FALSE(parse_key(flipped).well_formed) << flipped;
    }
  }
}

TEST(ParseKey, RefusesSwappedNeighbours) {
  const std::string key(kKnownKey);
  int swaps = 0;
  for (std::size_t at = 0; at + 1 < key.size(); ++at) {
    std::string swapped = key;
    std::swap(swapped[at], swapped[at + 1]);
    if (swapped == key) continue;
    ++swaps;
    EXPECT_FALSE(parse_key(swapped).well_formed) << swapped;
  }
  EXPECT_GT(swaps, 50);
}

TEST(ParseKey, RefusesAForeignFormUnderARightChecksum) {
  const std::string key(kKnownKey);
  ASSERT_EQ(with_checksum(key), key) << "the test's own checksum is right";
  const auto refused = [](std::string text) { return !parse_key(with_checksum(std::move(text))).well_formed; };
  std::string changed = key;
  changed[2] = '-';
  EXPECT_TRUE(refused(changed)) << "another separator";
  EXPECT_TRUE(refused("SK" + key.substr(2))) << "capitals in the prefix";
  EXPECT_TRUE(refused(key.substr(2))) << "no prefix";
  EXPECT_TRUE(refused("abcdefghijklm" + key.substr(2))) << "a prefix of 13";
  EXPECT_FALSE(refused("abcdefghijkl" + key.substr(2))) << "a prefix of 12 is one";
  EXPECT_TRUE(refused("s_" + key.substr(2))) << "a separator in the prefix";
  for (const std::size_t at : {std::size_t{5}, std::size_t{30}}) {
    for (const char c : {'_', '-', ' ', '\0', '\n', '\x80'}) {
      changed = key;
      changed[at] = c;
      EXPECT_TRUE(refused(changed)) << "character " << static_cast<int>(c) << " at " << at;
    }
  }
}

TEST(ParseKey, RefusesWhatStandsAround) {
  const std::string key(kKnownKey);
  for (const std::string& text : {" " + key, key + " ", key + "\n", key + std::string(1, '\0'), key + key}) {
    EXPECT_FALSE(parse_key(text).well_formed) << text;
  }
  EXPECT_FALSE(parse_key({}).well_formed);
  EXPECT_FALSE(parse_key(std::string(1'000'000, 'a')).well_formed);
}

TEST(KeyHint, ShowsPrefixAndFourCharactersOfTheLookUpId) {
  EXPECT_EQ(key_hint(kKnownKey).view(), "sk_063U...");
  const std::string longest = new_key("abcdefghij12");
  EXPECT_EQ(key_hint(longest).view(), longest.substr(0, 17) + "...");
}

TEST(KeyHint, ShowsNothingOfWhatIsNoKey) {
  EXPECT_EQ(key_hint("").view(), "");
  EXPECT_EQ(key_hint("hunter2").view(), "");
  EXPECT_EQ(key_hint(std::string(200, 'a')).view(), "");
}

}  // namespace
}  // namespace gatehouse::api_keys

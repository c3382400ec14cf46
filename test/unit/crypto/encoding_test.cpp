// base62 and base64url: known answers, canonical forms, refusals.
#include "crypto/encoding.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <string>
#include <vector>

namespace gatehouse::crypto {
namespace {

using Bytes = std::vector<unsigned char>;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::string base62(const Bytes& bytes, std::size_t digits) {
  std::string text(digits, '#');
  return encode_base62(bytes, text) ? text : "does not fit";
}

bool base62_reads(std::string_view text, std::size_t size) {
  Bytes bytes(size);
  return decode_base62(text, bytes);
}

std::string base64url(const Bytes& bytes) {
  std::string text(base64url_size(bytes.size()), '#');
  encode_base64url(bytes, text);
  return text;
}

bool base64url_reads(std::string_view text, std::size_t size) {
  Bytes bytes(size);
  return decode_base64url(text, bytes);
}

TEST(Base62, GivesKnownAnswers) {
  // Computed by another implementation, with integers of arbitrary size.
  EXPECT_EQ(base62(Bytes(4, 0xff), 6), "4gfFC3");
  EXPECT_EQ(base62(Bytes(8, 0xff), 11), "LygHa16AHYF");
  EXPECT_EQ(base62({0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 11), "AzL8n0Y58m7");
  EXPECT_EQ(base62(Bytes(32, 0xff), 43), "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
  Bytes rising(32);
  for (int i = 0; i < 32; ++i) rising[i] = static_cast<unsigned char>(i);
  EXPECT_EQ(base62(rising, 43), "003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf");
}

TEST(Base62, GivesEachDigitItsCharacter) {
  const std::string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (unsigned char value = 0; value < 62; ++value) {
    EXPECT_EQ(base62({value}, 1), std::string(1, alphabet[value]));
    Bytes back(1);
    EXPECT_TRUE(decode_base62(std::string(1, alphabet[value]), back));
    EXPECT_EQ(back[0], value);
  }
}

TEST(Base62, RefusesEveryOtherCharacter) {
  const std::string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (int c = 0; c < 256; ++c) {
    const std::string text = std::string("00000") + static_cast<char>(c);
    EXPECT_EQ(base62_reads(text, 4), alphabet.find(static_cast<char>(c)) != std::string::npos) << c;
  }
}

TEST(Base62, RefusesANumberThatDoesNotFit) {
  EXPECT_EQ(base62({62}, 1), "does not fit");
  EXPECT_EQ(base62(Bytes(32, 0xff), 42), "does not fit");
  EXPECT_TRUE(base62_reads("4gfFC3", 4));
  EXPECT_FALSE(base62_reads("4gfFC4", 4));
  EXPECT_FALSE(base62_reads("zzzzzz", 4));
  EXPECT_TRUE(base62_reads("yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1", 32));
  EXPECT_FALSE(base62_reads("yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp2", 32));
  EXPECT_FALSE(base62_reads(std::string(43, 'z'), 32));
}

TEST(Base62, ReadsBackWhatItWrote) {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::size_t digits = (size * 8 * 1000 + 5953) / 5954;  // log2(62) is 5.954...
    for (int round = 0; round < 50; ++round) {
      Bytes bytes(size);
      for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(round == 0 ? 0xff : randombytes_random());
      std::string text(digits, '#');
      ASSERT_TRUE(encode_base62(bytes, text)) << size;
      Bytes back(size, 0xaa);
      ASSERT_TRUE(decode_base62(text, back)) << text;
      EXPECT_EQ(back, bytes);
    }
  }
}

TEST(Base62, PadsWithZerosOnTheLeft) {
  EXPECT_EQ(base62({1}, 7), "0000001");
  EXPECT_EQ(base62({}, 3), "000");
  Bytes wide(9, 0xaa);
  EXPECT_TRUE(decode_base62("10", wide));
  EXPECT_EQ(wide, (Bytes{0, 0, 0, 0, 0, 0, 0, 0, 62}));
}

TEST(Base62AtMost, SaysWhatDecodingSays) {
  constexpr std::string_view kGreatest = "AzL8n0Y58m7";  // 2^63 - 1
  for (const std::string_view text : {"00000000000", "AzL8n0Y58m7", "AzL8n0Y58m6", "9zzzzzzzzzz", "A0000000000"})
    EXPECT_TRUE(base62_at_most(text, kGreatest)) << text;
  for (const std::string_view text : {"AzL8n0Y58m8", "B0000000000", "a0000000000", "zzzzzzzzzzz", "AzL8n0Y58n0"})
    EXPECT_FALSE(base62_at_most(text, kGreatest)) << text;
  for (const std::string_view text : {"", "0", "0000000000", "000000000000"})
    EXPECT_FALSE(base62_at_most(text, kGreatest)) << "another size: " << text;
}

TEST(Base62AtMost, RefusesEveryOtherCharacterAnywhere) {
  for (int character = 0; character < 256; ++character) {
    for (std::size_t at = 0; at < 3; ++at) {
      std::string text = "000";
      text[at] = static_cast<char>(character);
      EXPECT_EQ(base62_at_most(text, "zzz"), character < 128 && isalnum(character)) << character << " at " << at;
    }
  }
}

TEST(Base62Number, IsWhatDecodingGives) {
  EXPECT_EQ(base62_number(""), 0u);
  EXPECT_EQ(base62_number("z"), 61u);
  EXPECT_EQ(base62_number("10"), 62u);
  EXPECT_EQ(base62_number("AzL8n0Y58m7"), (std::uint64_t{1} << 63) - 1);
  EXPECT_EQ(base62_number("LygHa16AHYF"), ~std::uint64_t{0});
}

TEST(Base64Url, GivesTheAnswersOfRfc4648) {
  // Section 10, without padding.
  EXPECT_EQ(base64url(bytes_of("")), "");
  EXPECT_EQ(base64url(bytes_of("f")), "Zg");
  EXPECT_EQ(base64url(bytes_of("fo")), "Zm8");
  EXPECT_EQ(base64url(bytes_of("foo")), "Zm9v");
  EXPECT_EQ(base64url(bytes_of("foob")), "Zm9vYg");
  EXPECT_EQ(base64url(bytes_of("fooba")), "Zm9vYmE");
  EXPECT_EQ(base64url(bytes_of("foobar")), "Zm9vYmFy");
  // Section 5: 62 is '-', 63 is '_'.
  EXPECT_EQ(base64url({0xfb, 0xff, 0xfe}), "-__-");
}

TEST(Base64Url, ReadsBackWhatItWrote) {
  for (std::size_t size = 0; size <= 70; ++size) {
    Bytes bytes(size);
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(randombytes_random());
    Bytes back(size, 0xaa);
    ASSERT_TRUE(decode_base64url(base64url(bytes), back)) << size;
    EXPECT_EQ(back, bytes);
  }
}

TEST(Base64Url, RefusesTrailingBitsThatAreNotZero) {
  EXPECT_TRUE(base64url_reads("Zg", 1));
  EXPECT_FALSE(base64url_reads("Zh", 1));
  EXPECT_TRUE(base64url_reads("Zm8", 2));
  EXPECT_FALSE(base64url_reads("Zm9", 2));
}

TEST(Base64Url, RefusesPaddingOtherAlphabetsAndBlanks) {
  EXPECT_FALSE(base64url_reads("Zg==", 1));
  EXPECT_FALSE(base64url_reads("+//+", 3));
  EXPECT_FALSE(base64url_reads("Zm9 ", 3));
  EXPECT_FALSE(base64url_reads("Zm9\n", 3));
  EXPECT_FALSE(base64url_reads(std::string_view("Zm9\0", 4), 3));
}

TEST(Base64, TakesItsOwnAlphabetAndNoOtherByte) {
  const std::string common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const auto reads = [](std::string_view text, Base64 form) {
    Bytes bytes(3);
    return decode_base64(text, form, bytes) == 3;
  };
  for (int c = 0; c < 256; ++c) {
    const auto in = [&](const char* own) { return (common + own).find(static_cast<char>(c)) != std::string::npos; };
    for (std::size_t at = 0; at < 4; ++at) {
      std::string text = "AAAA";
      text[at] = static_cast<char>(c);
      EXPECT_EQ(reads(text, Base64::kUrl), in("-_")) << c << " at " << at;
      EXPECT_EQ(reads(text, Base64::kPlain), in("+/")) << c << " at " << at;
      EXPECT_EQ(reads(text, Base64::kPadded), in("+/")) << c << " at " << at;
    }
  }
}

TEST(Base64, WantsPaddingWhereItIsPadded) {
  Bytes bytes(8);
  EXPECT_EQ(decode_base64("Zg==", Base64::kPadded, bytes), 1u);
  EXPECT_EQ(decode_base64("Zm8=", Base64::kPadded, bytes), 2u);
  EXPECT_EQ(decode_base64("", Base64::kPadded, bytes), 0u);
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "=", "Z==="}) {
    EXPECT_EQ(decode_base64(text, Base64::kPadded, bytes), std::nullopt) << text;
  }
  for (const char* text : {"Zg==", "Zm8=", "Zh", "Zm9", "Z", "ZgZgZ"}) {
    EXPECT_EQ(decode_base64(text, Base64::kPlain, bytes), std::nullopt) << text;
  }
}

TEST(Base64, WritesNoMoreThanFits) {
  Bytes bytes(2);
  EXPECT_EQ(decode_base64("Zm9v", Base64::kPlain, bytes), std::nullopt);
  EXPECT_EQ(decode_base64("Zm8", Base64::kPlain, bytes), 2u);
}

TEST(Base64Url, RefusesAnotherSize) {
  EXPECT_FALSE(base64url_reads("Zm9vYg", 3));
  EXPECT_FALSE(base64url_reads("Zm9vYg", 5));
  EXPECT_FALSE(base64url_reads("Z", 0));
  EXPECT_FALSE(base64url_reads("", 1));
}

}  // namespace
}  // namespace gatehouse::crypto

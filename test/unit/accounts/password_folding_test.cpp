// Code points of passwords: decoding, lower case, kinds.
#include "accounts/password_folding.h"

#include <gtest/gtest.h>
#include <locale.h>
#include <wctype.h>

#include <string>
#include <vector>

namespace gatehouse::accounts {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;

std::vector<char32_t> decoded(std::string_view text) {
  const CodePoints points = CodePoints::decode(text);
  return {points.values().begin(), points.values().end()};
}

std::string folded(std::string_view text) { return std::string(CodePoints::decode_folded(text).encode().view()); }

TEST(PasswordFolding, LowersAsTheSystemDoesOrNotAtAll) {
  const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  ASSERT_NE(unicode, nullptr);
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    const char32_t lower = lower_case(c);
    if (lower != c) {
      EXPECT_EQ(lower, static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), unicode)))
          << std::hex << static_cast<unsigned>(c);
    }
    EXPECT_EQ(lower_case(lower), lower) << std::hex << static_cast<unsigned>(c);
  }
  freelocale(unicode);
}

// Every letter with a lower case of the alphabets that it says it knows.
TEST(PasswordFolding, KnowsItsAlphabetsWhole) {
  const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  ASSERT_NE(unicode, nullptr);
  struct Block {
    char32_t first;
    char32_t last;
  };
  for (const Block block :
       {Block{0, 0x17F}, {0x386, 0x3AB}, {0x400, 0x52F}, {0x531, 0x556}, {0x1E00, 0x1E95}, {0x1EA0, 0x1EFF}}) {
    for (char32_t c = block.first; c <= block.last; ++c) {
      EXPECT_EQ(lower_case(c), static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), unicode)))
          << std::hex << static_cast<unsigned>(c);
    }
  }
  freelocale(unicode);
}

TEST(PasswordFolding, DecodesAndEncodesEveryCodePoint) {
  for (const std::string_view text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
        "a\xc3\xa4\xe7\x94\xa8\xf0\x9f\x98\x80z"}) {
    EXPECT_EQ(CodePoints::decode(text).encode().view(), text);
  }
  EXPECT_EQ(decoded("a\xc3\xa4\xe7\x94\xa8\xf0\x9f\x98\x80"), (std::vector<char32_t>{U'a', 0xE4, 0x7528, 0x1F600}));
}

TEST(PasswordFolding, TakesBytesOfNoSequenceOneByOne) {
  EXPECT_EQ(decoded("\xc3"), (std::vector<char32_t>{0xC3}));
  EXPECT_EQ(decoded("\xe7\x94"), (std::vector<char32_t>{0xE7, 0x94}));
  EXPECT_EQ(decoded("\xc3"
                    "a\x80\xff"),
            (std::vector<char32_t>{0xC3, U'a', 0x80, 0xFF}));
}

TEST(PasswordFolding, FoldsText) {
  EXPECT_EQ(folded("PassWORD 1!"), "password 1!");
  EXPECT_EQ(folded("\xc3\x84\xc5\xb8\xc4\xb0"), "\xc3\xa4\xc3\xbfi");
  EXPECT_EQ(folded("\xd0\x9f\xd0\x81\xce\xa9"), "\xd0\xbf\xd1\x91\xcf\x89");
}

void expect_kind(std::u32string_view characters, CharacterKind kind) {
  for (const char32_t c : characters) EXPECT_EQ(kind_of(c), kind) << static_cast<unsigned>(c);
}

TEST(PasswordFolding, TellsKinds) {
  expect_kind(U"AZ\u00C4\u0178\u0416\u03A9", CharacterKind::kUpper);
  expect_kind(U"az\u00E4\u00DF\u00FF\u0436\u03C9\u03C2\u0131", CharacterKind::kLower);
  expect_kind(U"0123456789", CharacterKind::kDigit);
  expect_kind(U" !@[`{~\u00A7\u00D7\u20AC\u2026\u3002\U0001F600", CharacterKind::kSymbol);
  expect_kind(U"\x01\x7F\u00A0\u00AA\u00B5\u00BA\u7528\u05D0\u0661", CharacterKind::kOther);
}

}  // namespace
}  // namespace gatehouse::accounts

// The policy for new passwords: each rule, its bounds, and which of them speaks first.
#include "accounts/password_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "accounts/frequent_passwords.h"
#include "accounts/password_folding.h"
#include "crypto/password_hash.h"

namespace gatehouse::accounts {
namespace {

constexpr PasswordRules kPlain = {.min_length = 8, .composition = false};
constexpr PasswordRules kMixed = {.min_length = 8, .composition = true};
constexpr Owner kNobody = {};

Fault fault(std::string_view password, const Owner& owner = kNobody, const PasswordRules& rules = kPlain) {
  return check_password(password, owner, rules).refusal.fault;
}

std::string missing(std::string_view password) {
  const Result<Done> checked = check_password(password, kNobody, kMixed);
  return checked.refusal.fault == Fault::kPasswordLacks ? checked.refusal.subject : "";
}

std::string repeated(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(PasswordPolicy, CountsCodePoints) {
  const PasswordRules rules = {.min_length = 15, .composition = false};
  EXPECT_EQ(fault("correct horse b", kNobody, rules), Fault::kNone);
  EXPECT_EQ(fault("correct horse ", kNobody, rules), Fault::kPasswordTooShort);
  EXPECT_EQ(check_password("correct horse ", kNobody, rules).refusal.number, 15);
  EXPECT_EQ(fault("gr\xc3\xbc\xc3\x9f gott und", kNobody, rules), Fault::kPasswordTooShort);
  EXPECT_EQ(fault("gr\xc3\xbc\xc3\x9f gott und d", kNobody, rules), Fault::kNone);
}

TEST(PasswordPolicy, AsksForKindsOnlyWhereItIsSet) {
  EXPECT_EQ(fault("correct horse battery staple"), Fault::kNone);
  EXPECT_EQ(fault("correct horse battery staple", kNobody, kMixed), Fault::kPasswordLacks);
  EXPECT_EQ(fault("Correct horse battery staple 9", kNobody, kMixed), Fault::kNone);
}

TEST(PasswordPolicy, NamesEveryKindThatIsMissing) {
  EXPECT_EQ(missing("horse-battery-9"), "an upper-case letter");
  EXPECT_EQ(missing("HORSE-BATTERY-9"), "a lower-case letter");
  EXPECT_EQ(missing("927-1550-8341"), "an upper-case letter and a lower-case letter");
  EXPECT_EQ(missing("Horse-Battery"), "a digit");
  EXPECT_EQ(missing("horse-battery"), "an upper-case letter and a digit");
  EXPECT_EQ(missing("HORSE-BATTERY"), "a lower-case letter and a digit");
  EXPECT_EQ(missing("-.,;:!?+*#-"), "an upper-case letter, a lower-case letter and a digit");
  EXPECT_EQ(missing("HorseBattery9"), "a symbol");
  EXPECT_EQ(missing("horsebattery9"), "an upper-case letter and a symbol");
  EXPECT_EQ(missing("HORSEBATTERY9"), "a lower-case letter and a symbol");
  EXPECT_EQ(missing("92715508341"), "an upper-case letter, a lower-case letter and a symbol");
  EXPECT_EQ(missing("HorseBattery"), "a digit and a symbol");
  EXPECT_EQ(missing("horsebattery"), "an upper-case letter, a digit and a symbol");
  EXPECT_EQ(missing("HORSEBATTERY"), "a lower-case letter, a digit and a symbol");
  EXPECT_EQ(missing("\xe7\x94\xa8\xe6\x88\xb7\xe4\xbe\x8b\xe5\xad\x90\xe5\xb9\xbf\xe5\x91\x8a\xe5\xa4\xa9\xe5\x9c\xb0"),
            "an upper-case letter, a lower-case letter, a digit and a symbol");
  EXPECT_EQ(missing("\xc3\x84rger-\xc3\xbc"
                    "ber-9"),
            "");
}

TEST(PasswordPolicy, RefusesAPieceOfUpToFourRepeated) {
  for (const char* piece : {"a", "ab", "abc", "xyz1", "aA", "\xc3\xbc", "\xf0\x9f\x98\x80!"}) {
    EXPECT_EQ(fault(repeated(piece, 20)), Fault::kPasswordRegular) << piece;
  }
  EXPECT_EQ(fault("abcdabcdabcdab"), Fault::kPasswordRegular);
  EXPECT_EQ(fault(repeated("xyz12", 3)), Fault::kNone);
  EXPECT_EQ(fault("aaaaaaaaaaaaaab"), Fault::kNone);
  EXPECT_EQ(fault("abcabcabcabcabd"), Fault::kNone);
  EXPECT_EQ(fault(std::string(1024, 'a')), Fault::kPasswordRegular);
}

TEST(PasswordPolicy, RefusesRuns) {
  for (const char* run : {"123456789012345",
                          "012345678901234",
                          "543210987654321",
                          "98765432109876",
                          "abcdefghijklmno",
                          "ABCDEFGHIJKLMNO",
                          "onmlkjihgfedcba",
                          "uvwxyzabcdefghi",
                          "qwertyuiopasdfghjkl",
                          "lkjhgfdsapoiuytrewq",
                          "qwertzuiopasdfg",
                          "azertyuiopqsdfg",
                          "!@#$%^&*()",
                          "1qaz2wsx3edc4rfv",
                          "vfr4cde3xsw2zaq1",
                          "asdfghjkl",
                          "zxcvbnmqwe",
                          "qazwsxedcrfv",
                          "\xd0\xb0\xd0\xb1\xd0\xb2\xd0\xb3\xd0\xb4\xd0\xb5\xd0\xb6\xd0\xb7",
                          " !\"#$%&'()"}) {
    EXPECT_EQ(fault(run), Fault::kPasswordRegular) << run;
  }
  for (const char* other : {"123456789012346", "abcdefghijklmnp", "acegikmoqsuwy", "qwertyuiopasdfgk"}) {
    EXPECT_EQ(fault(other), Fault::kNone) << other;
  }
}

TEST(PasswordPolicy, RefusesWhatIsCommonlyChosen) {
  EXPECT_EQ(fault("password123456789"), Fault::kPasswordBlocked);
  EXPECT_EQ(fault("PassWord123456789"), Fault::kPasswordBlocked);
  EXPECT_EQ(fault("CONTRASE\xc3\x91"
                  "A123"),
            Fault::kPasswordBlocked);
  EXPECT_EQ(fault("password1234567891"), Fault::kNone);
  for (const std::string_view common : kFrequentPasswords) EXPECT_EQ(fault(common), Fault::kPasswordBlocked) << common;
}

TEST(PasswordPolicy, HasAListOfFoldedPasswordsInOrderAndOnce) {
  for (const std::string_view common : kFrequentPasswords) {
    const CodePoints points = CodePoints::decode_folded(common);
    EXPECT_EQ(points.encode().view(), common);
    EXPECT_GE(static_cast<std::int64_t>(points.values().size()), kLeastPasswordLength) << common;
  }
  EXPECT_EQ(std::adjacent_find(std::begin(kFrequentPasswords), std::end(kFrequentPasswords)),
            std::end(kFrequentPasswords));
}

TEST(PasswordPolicy, LeavesOutTheOwnersNames) {
  const Owner ada = {"ada.lovelace@example.com", "countess"};
  for (const char* password :
       {"ada.lovelace@example.com", "ADA.Lovelace@Example.COM1234567", "ada.lovelace-ada.lovelace", "countess1234567",
        "1234countess567", "countessada.lovelace1234567", "countesscountess"}) {
    const Result<Done> checked = check_password(password, ada, kPlain);
    EXPECT_EQ(checked.refusal.fault, Fault::kPasswordOwnName) << password;
    EXPECT_EQ(checked.refusal.number, kLeastPasswordLength);
  }
  for (const char* password : {"countess of 18 engines", "my-very-own-countess", "ada lovelace, example",
                               "ada.lovelace@example.com 8 more."}) {
    EXPECT_EQ(fault(password, ada), Fault::kNone) << password;
  }
}

TEST(PasswordPolicy, CountsOverlappingNamesOnce) {
  EXPECT_EQ(fault("nananananax1y2z3w", {"", "nana"}), Fault::kPasswordOwnName);
  EXPECT_EQ(fault("nananananax1y2z3w4", {"", "nana"}), Fault::kNone);
  // The local part and the username are the same.
  EXPECT_EQ(fault("boris-x1y2z3w", {"boris@example.com", "boris"}), Fault::kNone);
  EXPECT_EQ(fault("boris-x1y2z3", {"boris@example.com", "boris"}), Fault::kPasswordOwnName);
}

TEST(PasswordPolicy, LeavesShortAndEmptyNamesAlone) {
  EXPECT_EQ(fault("ab12cd34", {"ab@example.com", "cd"}), Fault::kNone);
  EXPECT_EQ(fault("abc12cd3", {"abc@example.com", ""}), Fault::kPasswordOwnName);
  EXPECT_EQ(fault("ab12cd34", {"", ""}), Fault::kNone);
  EXPECT_EQ(fault("ab12cd34", {"@", "@"}), Fault::kNone);
  EXPECT_EQ(fault("no at sign", {"no at sign", ""}), Fault::kPasswordOwnName);
}

TEST(PasswordPolicy, TakesNamesOfAnySize) {
  const std::string huge(10'000'000, 'x');
  EXPECT_EQ(fault("correct horse", {huge, huge}), Fault::kNone);
  EXPECT_EQ(fault(std::string(crypto::kMaxPasswordBytes, 'x'), {std::string(254, 'x'), "xxx"}),
            Fault::kPasswordOwnName);
}

TEST(PasswordPolicy, SpeaksOfLengthFirstThenOfKindsThenOfNames) {
  const Owner owner = {"", "aaaaaaaa"};
  EXPECT_EQ(fault("aaaaaaa", owner, kMixed), Fault::kPasswordTooShort);
  EXPECT_EQ(fault("aaaaaaaa", owner, kMixed), Fault::kPasswordLacks);
  EXPECT_EQ(fault("aaaaaaaa", owner), Fault::kPasswordOwnName);
  EXPECT_EQ(fault("aaaaaaaa"), Fault::kPasswordRegular);
}

TEST(BlockedPasswordDigest, IsBlake2b128OfTheFoldedPassword) {
  // printf password123 | b2sum -l 128
  constexpr BlockedDigest kExpected = {0x77, 0x04, 0xe0, 0x8e, 0x79, 0x41, 0xfe, 0x68,
                                       0x9a, 0x18, 0x80, 0x1c, 0x2f, 0x8c, 0x51, 0xf0};
  EXPECT_EQ(blocked_password_digest("Password1"), blocked_password_digest("pASSWORD1"));
  EXPECT_NE(blocked_password_digest("Password1"), blocked_password_digest("Password2"));
  EXPECT_EQ(blocked_password_digest("\xc3\x84rger"), blocked_password_digest("\xc3\xa4RGER"));
  EXPECT_EQ(blocked_password_digest("PASSWORD123"), kExpected);
}

}  // namespace
}  // namespace gatehouse::accounts

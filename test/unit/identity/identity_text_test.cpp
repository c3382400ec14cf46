// The text that carries an identity: what is written is read again, and nothing else is.
#include "identity/identity_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::identity {
namespace {

OptionalId id_of(unsigned char first) {
  OptionalId id{.present = true};
  for (auto& byte : id.bytes) byte = first++;
  return id;
}

std::string text_of(const Identity& identity) {
  std::vector<char> into(kMostTextSize);
  return {into.data(), write(identity, into)};
}

std::string scopes_of(std::size_t count, std::size_t size) {
  std::string scopes;
  for (std::size_t i = 0; i < count; ++i)
    scopes += (i == 0 ? "" : " ") + std::string(64, 'a') + ":" + std::string(size - 65, 'b');
  return scopes;
}

constexpr char kKeyOnly[] = "- - 000102030405060708090a0b0c0d0e0f - ";

TEST(IdentityText, IsAsDocumented) {
  EXPECT_EQ(text_of({.parties = {.user = id_of(0xf0), .session = id_of(0)}}),
            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff - - 000102030405060708090a0b0c0d0e0f *");
  EXPECT_EQ(text_of({.parties = {.api_key = id_of(0)}, .is_restricted = true, .scopes = "read:* write"}),
            std::string(kKeyOnly) + "read:* write");
  EXPECT_EQ(text_of({.parties = {.api_key = id_of(0)}, .is_restricted = true}), kKeyOnly);
}

TEST(IdentityText, IsReadAsItWasWritten) {
  const std::string most = scopes_of(kMostScopes, kMostScopeSize);
  for (int present = 0; present < 16; ++present) {
    for (const std::string& scopes : {std::string(), std::string("a"), std::string("read:* write:b.c c"), most}) {
      for (const bool is_restricted : {false, true}) {
        Identity identity{};
        if (present & 1) identity.parties.user = id_of(1);
        if (present & 2) identity.parties.impersonator = id_of(40);
        if (present & 4) identity.parties.api_key = id_of(80);
        if (present & 8) identity.parties.session = id_of(240);
        identity.is_restricted = is_restricted;
        if (is_restricted) identity.scopes = scopes;
        const std::string text = text_of(identity);
        Identity read{};
        ASSERT_TRUE(parse(text, read)) << text;
        EXPECT_EQ(text_of(read), text);
        EXPECT_EQ(read.is_restricted, is_restricted);
        EXPECT_EQ(read.scopes, is_restricted ? scopes : "");
        EXPECT_EQ(read.parties.user.present, identity.parties.user.present);
        EXPECT_EQ(read.parties.session.bytes, identity.parties.session.bytes);
      }
    }
  }
}

TEST(IdentityText, RefusesWhatIsNone) {
  Identity read;
  const std::string id(32, 'a');
  for (const std::string& text : {std::string(),
                                  std::string("x"),
                                  std::string("- - -"),
                                  std::string("- - - -"),
                                  std::string("- - - -*"),
                                  id + " - - -",
                                  std::string(31, 'a') + " - - - *",
                                  std::string(33, 'a') + " - - - *",
                                  std::string(32, 'A') + " - - - *",
                                  std::string(32, 'g') + " - - - *",
                                  " " + id + " - - - *",
                                  id + "  - - - *",
                                  id + " - - - **",
                                  id + " - - - * a",
                                  id + " - - -  a",
                                  id + " - - - a ",
                                  id + " - - - a  b",
                                  id + " - - - A",
                                  id + " - - - a:b:c",
                                  id + " - - - *:*",
                                  id + " - - - a\nb",
                                  std::string("01a2155c-fa83-717e-acc3-f27138ee96e2 - - - *")}) {
    EXPECT_FALSE(parse(text, read)) << text;
  }
  EXPECT_FALSE(parse("- - - - " + scopes_of(kMostScopes + 1, kMostScopeSize), read));
}

TEST(IdentityText, IsNotWrittenWhereItDoesNotFit) {
  const std::string more = scopes_of(kMostScopes + 1, kMostScopeSize);
  std::vector<char> into(2 * kMostTextSize);
  EXPECT_EQ(write({.is_restricted = true, .scopes = more}, into), 0u);
  EXPECT_EQ(write({.is_restricted = true, .scopes = "a"}, {into.data(), kMostTextSize - 1}), 0u);
}

TEST(NextScope, TakesOneAfterTheOther) {
  std::string_view scopes = "a b:* c";
  EXPECT_EQ(next_scope(scopes), "a");
  EXPECT_EQ(next_scope(scopes), "b:*");
  EXPECT_EQ(next_scope(scopes), "c");
  EXPECT_EQ(next_scope(scopes), "");
}

}  // namespace
}  // namespace gatehouse::identity

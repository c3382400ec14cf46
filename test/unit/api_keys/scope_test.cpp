// Scopes: what is one, and what covers what.
#include "api_keys/scope.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::api_keys {
namespace {

TEST(ScopeValid, TakesAResourceOrAnActionWithAResource) {
  for (const char* scope : {"users", "read:users", "read:*", "a", "a:b", "a1_-.z", "read:users.v2", "x-y:z_9"}) {
    EXPECT_TRUE(scope_valid(scope)) << scope;
  }
}

TEST(ScopeValid, RefusesEverythingElse) {
  for (const char* scope : {"",    ":",  "a:", ":a",  "*",   "*:a", "*:*", "a:b:c", "a:**", "a:*b",     "a:b*", "1a",
                            "a:1", "_a", "A",  "a:B", "a b", " a",  "a ",  "a:\n",  "a,b",  "\xc3\xa4", "a/b"}) {
    EXPECT_FALSE(scope_valid(scope)) << scope;
  }
  EXPECT_FALSE(scope_valid(std::string_view("a\0", 2)));
}

TEST(ScopeValid, LimitsEachPartTo64) {
  const std::string longest(64, 'a');
  EXPECT_TRUE(scope_valid(longest));
  EXPECT_TRUE(scope_valid(longest + ":" + longest));
  EXPECT_FALSE(scope_valid(longest + "a"));
  EXPECT_FALSE(scope_valid(longest + "a:b"));
  EXPECT_FALSE(scope_valid("a:" + longest + "a"));
}

TEST(ScopeCovers, TakesTheSameScope) {
  EXPECT_TRUE(scope_covers("users", "users"));
  EXPECT_TRUE(scope_covers("read:users", "read:users"));
  EXPECT_TRUE(scope_covers("read:*", "read:*"));
}

TEST(ScopeCovers, LetsAWildcardStandForEveryResourceOfItsAction) {
  EXPECT_TRUE(scope_covers("read:*", "read:users"));
  EXPECT_FALSE(scope_covers("read:*", "write:users"));
  EXPECT_FALSE(scope_covers("read:*", "reader:users"));
  EXPECT_FALSE(scope_covers("read:*", "read"));
  EXPECT_FALSE(scope_covers("read:*", "rea"));
}

TEST(ScopeCovers, DoesNotWorkBackwards) {
  EXPECT_FALSE(scope_covers("read:users", "read:*"));
  EXPECT_FALSE(scope_covers("read", "read:users"));
  EXPECT_FALSE(scope_covers("users", "read:users"));
  EXPECT_FALSE(scope_covers("read:users", "read:user"));
  EXPECT_FALSE(scope_covers("read:user", "read:users"));
}

TEST(ScopeCovers, GivesNothingForWhatIsNoScope) {
  EXPECT_FALSE(scope_covers("", ""));
  EXPECT_FALSE(scope_covers("*", "read:users"));
  EXPECT_FALSE(scope_covers("*", "*"));
  EXPECT_FALSE(scope_covers("*:*", "read:users"));
  EXPECT_FALSE(scope_covers("read:*", "read:"));
  EXPECT_FALSE(scope_covers("read:*", "read:a:b"));
  EXPECT_FALSE(scope_covers("read:*", "read:A"));
}

}  // namespace
}  // namespace gatehouse::api_keys

// The table from fault to SQLSTATE, message and hint.
#include "boundary/error_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

namespace gatehouse {
namespace {

std::vector<ErrorEntry> all_entries() {
  std::vector<ErrorEntry> entries;
  for (std::size_t i = 0; i < kFaultCount; ++i) entries.push_back(error_entry(static_cast<Fault>(i)));
  return entries;
}

std::string formatted(const Refusal& refusal, std::size_t room) {
  // Exactly as large as said, so that a write beyond it is seen by the sanitizer.
  std::vector<char> buffer(room, '#');
  format_message(refusal, buffer);
  return buffer.data();
}

TEST(ErrorTable, HasEachFaultAtItsPlace) {
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    EXPECT_EQ(error_entry(static_cast<Fault>(i)).fault, static_cast<Fault>(i)) << i;
  }
}

TEST(ErrorTable, TakesAnUnknownFaultForAnInternalOne) {
  EXPECT_EQ(error_entry(static_cast<Fault>(kFaultCount)).fault, Fault::kInternal);
  EXPECT_EQ(error_entry(static_cast<Fault>(255)).fault, Fault::kInternal);
}

TEST(ErrorTable, GivesTheSqlStatesOfTheInterface) {
  const std::set<std::string> known = {"22023", "22P02", "22021", "22P05", "23505", "23503", "25006",
                                       "42501", "53200", "53300", "54000", "55000", "XX000", "XX001"};
  for (const ErrorEntry& entry : all_entries()) {
    ASSERT_EQ(std::string(entry.sqlstate).size(), 5u) << entry.message;
    if (entry.fault == Fault::kNone) {
      EXPECT_STREQ(entry.sqlstate, "00000");
    } else {
      EXPECT_TRUE(known.contains(entry.sqlstate)) << entry.sqlstate;
    }
  }
}

TEST(ErrorTable, WritesMessagesInPostgresStyle) {
  for (const ErrorEntry& entry : all_entries()) {
    const std::string message = entry.message;
    ASSERT_FALSE(message.empty());
    EXPECT_EQ(message.find_first_of(".!?\n", message.size() - 1), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    // Lower case, or an abbreviation in capitals.
    const std::string first_word = message.substr(0, message.find(' '));
    const auto capital = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
    EXPECT_TRUE(!capital(first_word.front()) || std::all_of(first_word.begin(), first_word.end(), capital)) << message;
  }
}

TEST(ErrorTable, WritesHintsAsSentences) {
  int hints = 0;
  for (const ErrorEntry& entry : all_entries()) {
    if (entry.hint == nullptr) continue;
    ++hints;
    const std::string hint = entry.hint;
    ASSERT_FALSE(hint.empty()) << entry.message;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(hint.front()))) << hint;
    EXPECT_TRUE(hint.back() == '.' || hint.back() == '?') << hint;
    EXPECT_EQ(hint.find('\n'), std::string::npos) << hint;
    EXPECT_EQ(hint.find('{'), std::string::npos) << "a hint is not formatted: " << hint;
  }
  EXPECT_GT(hints, 0);
}

TEST(ErrorTable, HasOnlyPlaceholdersThatAreFilled) {
  for (const ErrorEntry& entry : all_entries()) {
    const std::string message = formatted({entry.fault, 4711, "SUBJECT"}, 256);
    EXPECT_EQ(message.find_first_of("{}"), std::string::npos) << message;
    EXPECT_EQ(std::string(entry.message).find("{n}") != std::string::npos, message.find("4711") != std::string::npos);
    EXPECT_EQ(std::string(entry.message).find("{s}") != std::string::npos,
              message.find("SUBJECT") != std::string::npos);
  }
}

TEST(FormatMessage, FillsNumberAndSubject) {
  EXPECT_EQ(formatted({Fault::kPasswordTooShort, 15}, 256), "password must have at least 15 characters");
  EXPECT_EQ(formatted({Fault::kNullArgument, 0, "email"}, 256), "argument \"email\" must not be null");
  EXPECT_EQ(formatted({Fault::kKeyRingMalformed, INT64_MIN}, 256), "malformed key ring at line -9223372036854775808");
}

TEST(FormatMessage, LeavesBracesOfASubjectAlone) {
  EXPECT_EQ(formatted({Fault::kNullArgument, 0, "{n}{s}{"}, 256), "argument \"{n}{s}{\" must not be null");
}

TEST(FormatMessage, CutsToFitAtEverySize) {
  const std::string subject(100, 's');
  for (const ErrorEntry& entry : all_entries()) {
    const Refusal refusal{entry.fault, -1234567890123, subject.c_str()};
    const std::string whole = formatted(refusal, 512);
    for (std::size_t room = 1; room <= whole.size() + 2; ++room) {
      EXPECT_EQ(formatted(refusal, room), whole.substr(0, room - 1));
    }
  }
}

}  // namespace
}  // namespace gatehouse

// The line before the password gate: first come, first served.
#include "crypto/waiting_line.h"

#include <gtest/gtest.h>

#include <memory>

namespace gatehouse::crypto {
namespace {

TEST(WaitingLine, ServesInTheOrderOfArrival) {
  const auto line = std::make_unique<WaitingLine>();
  const std::uint64_t first = line->join();
  const std::uint64_t second = line->join();
  EXPECT_TRUE(line->is_first(first));
  EXPECT_FALSE(line->is_first(second));
  line->leave(first);
  EXPECT_TRUE(line->is_first(second));
  line->leave(second);
  EXPECT_TRUE(line->empty());
  EXPECT_FALSE(line->is_first(second));
}

TEST(WaitingLine, OneMayLeaveFromTheMiddle) {
  const auto line = std::make_unique<WaitingLine>();
  const std::uint64_t first = line->join();
  const std::uint64_t second = line->join();
  const std::uint64_t third = line->join();
  line->leave(second);
  EXPECT_EQ(line->count, 2u);
  line->leave(second);
  EXPECT_EQ(line->count, 2u) << "who has left can't leave again";
  line->leave(first);
  EXPECT_TRUE(line->is_first(third));
}

TEST(WaitingLine, IsFullAtTheGivenNumber) {
  const auto line = std::make_unique<WaitingLine>();
  EXPECT_TRUE(line->full(0));
  EXPECT_FALSE(line->full(2));
  line->join();
  line->join();
  EXPECT_TRUE(line->full(2));
}

TEST(WaitingLine, IsNeverFullerThanItsRoom) {
  const auto line = std::make_unique<WaitingLine>();
  for (std::size_t i = 0; i < kMaxWaiters; ++i) line->join();
  EXPECT_TRUE(line->full(kMaxWaiters + 1));
  EXPECT_EQ(line->tickets[kMaxWaiters - 1], kMaxWaiters);
}

// A ticket is never drawn twice, whoever has left meanwhile.
TEST(WaitingLine, TicketsRise) {
  const auto line = std::make_unique<WaitingLine>();
  const std::uint64_t first = line->join();
  line->leave(first);
  EXPECT_GT(line->join(), first);
}

}  // namespace
}  // namespace gatehouse::crypto

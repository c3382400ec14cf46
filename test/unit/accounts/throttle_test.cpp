// When an account is locked and an address slowed, and for how long.
#include "accounts/throttle.h"

#include <gtest/gtest.h>

namespace gatehouse::accounts {
namespace {

constexpr Microseconds kNoon = 800'000'000 * kSecond;
constexpr Lockout kTen = {.threshold = 10, .longest = 15 * kMinute};

// So many attempts that fail, each admitted.
FailureCount after_failures(const Lockout& lockout, int failures, Microseconds now) {
  FailureCount count{};
  for (int i = 0; i < failures; ++i) EXPECT_TRUE(lockout.admit(count, now).admitted) << i;
  return count;
}

TEST(Lockout, LocksAtTheThresholdAndNotBefore) {
  FailureCount count{};
  for (int i = 1; i < 10; ++i) {
    const Admission admission = kTen.admit(count, kNoon);
    EXPECT_TRUE(admission.admitted) << i;
    EXPECT_FALSE(admission.locks) << i;
  }
  const Admission tenth = kTen.admit(count, kNoon);
  EXPECT_TRUE(tenth.admitted);
  EXPECT_TRUE(tenth.locks);
  const Admission eleventh = kTen.admit(count, kNoon);
  EXPECT_FALSE(eleventh.admitted);
  EXPECT_EQ(eleventh.retry_after, kMinute);
  EXPECT_EQ(count.failures, 10);
}

// Attempts beside one another are counted before any of them is known to have failed.
TEST(Lockout, AdmitsNoMoreThanTheThresholdBeforeAnyHasFailed) {
  FailureCount count{};
  int admitted = 0;
  for (int i = 0; i < 50; ++i) admitted += kTen.admit(count, kNoon).admitted ? 1 : 0;
  EXPECT_EQ(admitted, 10);
}

TEST(Lockout, DoublesUpToTheLongest) {
  FailureCount count = after_failures(kTen, 10, kNoon);
  Microseconds now = kNoon;
  for (const int minutes : {1, 2, 4, 8, 15, 15}) {
    EXPECT_EQ(count.locked_until - now, minutes * kMinute);
    EXPECT_FALSE(kTen.judge(count, count.locked_until - 1).admitted);
    now = count.locked_until;
    EXPECT_TRUE(kTen.judge(count, now).admitted) << "a lock ends at its boundary";
    EXPECT_TRUE(kTen.admit(count, now).locks);
    EXPECT_FALSE(kTen.admit(count, now).admitted) << "one attempt after each lock";
  }
}

TEST(Lockout, NeverLocksLongerThanTheLongest) {
  const Lockout brief = {.threshold = 1, .longest = 5 * kSecond};
  FailureCount count{};
  brief.admit(count, kNoon);
  EXPECT_EQ(count.locked_until, kNoon + 5 * kSecond);
  count.failures = INT32_MAX;
  EXPECT_TRUE(brief.admit(count, kNoon + kMinute).locks);
  EXPECT_EQ(count.failures, INT32_MAX);
  EXPECT_EQ(count.locked_until, kNoon + kMinute + 5 * kSecond);
}

TEST(Lockout, RefusalsDoNotProlongIt) {
  FailureCount count = after_failures(kTen, 10, kNoon);
  const FailureCount locked = count;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(kTen.admit(count, kNoon + i * (kSecond / 1000)).admitted);
  EXPECT_EQ(count.locked_until, locked.locked_until);
  EXPECT_EQ(count.failures, locked.failures);
}

TEST(Lockout, ASuccessEndsTheRow) {
  FailureCount count = after_failures(kTen, 9, kNoon);
  kTen.admit(count, kNoon);
  kTen.forgive(count);
  EXPECT_EQ(count.failures, 0);
  EXPECT_TRUE(kTen.judge(count, kNoon).admitted);
}

TEST(Lockout, WhatWasNoAttemptIsTakenBack) {
  FailureCount count = after_failures(kTen, 10, kNoon);
  kTen.take_back(count);
  EXPECT_EQ(count.failures, 9);
  EXPECT_TRUE(kTen.judge(count, kNoon).admitted);
  FailureCount none{};
  kTen.take_back(none);
  EXPECT_EQ(none.failures, 0);
}

TEST(Lockout, ForgetsAfterADay) {
  FailureCount count = after_failures(kTen, 9, kNoon);
  EXPECT_TRUE(kTen.admit(count, kNoon + kForgottenAfter - 1).locks);
  count = after_failures(kTen, 9, kNoon);
  EXPECT_FALSE(kTen.admit(count, kNoon + kForgottenAfter).locks);
  EXPECT_EQ(count.failures, 1);
}

TEST(Lockout, AThresholdOfZeroNeverLocks) {
  const Lockout never = {.threshold = 0, .longest = 15 * kMinute};
  const FailureCount count = after_failures(never, 1000, kNoon);
  EXPECT_EQ(count.failures, 1000);
  EXPECT_EQ(count.locked_until, 0);
  // Neither by a lock from before the setting was changed.
  EXPECT_TRUE(never.judge({.failures = 10, .counted_at = kNoon, .locked_until = kNoon + kHour}, kNoon).admitted);
}

TEST(Lockout, AClockSetBackLocksNobodyForEver) {
  FailureCount count = after_failures(kTen, 10, kNoon);
  EXPECT_LE(kTen.judge(count, kNoon - 100 * kHour).retry_after, 15 * kMinute);
}

constexpr AddressLimit kHundred = {.capacity = 100};

TEST(AddressLimit, SlowsWhenItIsFull) {
  FailureCount count{};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(kHundred.admit(count, kNoon).admitted) << i;
  const Admission admission = kHundred.admit(count, kNoon);
  EXPECT_FALSE(admission.admitted);
  EXPECT_EQ(admission.retry_after, 36 * kSecond);
  EXPECT_EQ(count.failures, 100);
}

TEST(AddressLimit, DrainsEvenlyWithinAnHour) {
  FailureCount count{};
  for (int i = 0; i < 100; ++i) kHundred.admit(count, kNoon);
  EXPECT_FALSE(kHundred.judge(count, kNoon + 36 * kSecond - 1).admitted);
  EXPECT_EQ(kHundred.judge(count, kNoon + 35 * kSecond).retry_after, kSecond);
  EXPECT_TRUE(kHundred.admit(count, kNoon + 36 * kSecond).admitted);
  EXPECT_FALSE(kHundred.admit(count, kNoon + 36 * kSecond).admitted);
  int admitted = 0;
  for (int second = 0; second < 3600; ++second) {
    admitted += kHundred.admit(count, kNoon + kHour + second * kSecond).admitted ? 1 : 0;
  }
  EXPECT_NEAR(admitted, 199, 1) << "what was free after an hour, and one each 36 seconds";
}

TEST(AddressLimit, ASuccessTakesOneBackAndNoMore) {
  FailureCount count{};
  for (int i = 0; i < 100; ++i) kHundred.admit(count, kNoon);
  kHundred.take_back(count);
  EXPECT_EQ(count.failures, 99);
  EXPECT_TRUE(kHundred.admit(count, kNoon).admitted);
  EXPECT_FALSE(kHundred.admit(count, kNoon).admitted);
}

TEST(AddressLimit, ACapacityOfZeroIsNoLimit) {
  const AddressLimit none = {.capacity = 0};
  FailureCount count{};
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(none.admit(count, kNoon).admitted);
}

TEST(AddressLimit, ALowerCapacityHoldsAtOnce) {
  FailureCount count = {.failures = 100, .counted_at = kNoon, .locked_until = 0};
  const AddressLimit three = {.capacity = 3};
  EXPECT_FALSE(three.judge(count, kNoon).admitted);
}

TEST(AddressLimit, AClockSetBackDrainsNothingAndAdmitsLater) {
  FailureCount count = {.failures = 100, .counted_at = kNoon, .locked_until = 0};
  const Admission admission = kHundred.judge(count, kNoon - 100 * kHour);
  EXPECT_FALSE(admission.admitted);
  EXPECT_LE(admission.retry_after, 36 * kSecond);
}

}  // namespace
}  // namespace gatehouse::accounts

// How many failures an account and an address may have, and for how long each is locked. Core.
//
// An attempt is counted before its password is hashed and judged by the count that it got, so that attempts beside one
// another can't pass the limit together; a success takes it back. Times are microseconds of any one clock.
#pragma once

#include <cstdint>

namespace gatehouse::accounts {

using Microseconds = std::int64_t;
inline constexpr Microseconds kSecond = 1'000'000;
inline constexpr Microseconds kMinute = 60 * kSecond;
inline constexpr Microseconds kHour = 60 * kMinute;

// A count without a failure for so long is forgotten.
inline constexpr Microseconds kForgottenAfter = 24 * kHour;

struct FailureCount {
  std::int32_t failures;
  Microseconds counted_at;
  Microseconds locked_until;  // 0 where it isn't locked
};

struct Admission {
  bool admitted;
  Microseconds retry_after;  // where it isn't
  bool locks;                // this attempt was admitted, and unless it succeeds it is the last one for now
};

// Of an account: `threshold` failures in a row lock it for a minute, each further one after that for twice as long, up to
// `longest`. A threshold of 0 never locks.
struct Lockout {
  std::int32_t threshold;
  Microseconds longest;

  Admission judge(const FailureCount& count, Microseconds now) const noexcept;
  Admission admit(FailureCount& count, Microseconds now) const noexcept;
  void forgive(FailureCount& count) const noexcept;    // it succeeded: the row of failures ends
  void take_back(FailureCount& count) const noexcept;  // it was no attempt after all
};

// Of an address: a bucket of `capacity` failures that drains in an hour. A success of one account's owner doesn't empty it,
// or an attacker with an account of his own could. A capacity of 0 is no limit.
struct AddressLimit {
  std::int32_t capacity;

  Admission judge(const FailureCount& count, Microseconds now) const noexcept;
  Admission admit(FailureCount& count, Microseconds now) const noexcept;
  void take_back(FailureCount& count) const noexcept;
};

}  // namespace gatehouse::accounts

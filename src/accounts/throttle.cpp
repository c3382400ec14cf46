#include "accounts/throttle.h"

#include <algorithm>

namespace gatehouse::accounts {

namespace {

// The clock may have been set back: what lies in the future was counted just now.
Microseconds age(const FailureCount& count, Microseconds now) {
  return std::max<Microseconds>(0, now - count.counted_at);
}

std::int32_t increment(std::int32_t failures) { return std::min(failures, INT32_MAX - 1) + 1; }

// How long the lock lasts that the failure of this number sets.
Microseconds lock_length(const Lockout& lockout, std::int32_t failures) {
  constexpr std::int32_t kMostDoublings = 30;
  const std::int32_t doublings = std::min(failures - lockout.threshold, kMostDoublings);
  return std::min(lockout.longest, kMinute << doublings);
}

FailureCount drained(const AddressLimit& limit, const FailureCount& count, Microseconds now) {
  const Microseconds interval = kHour / limit.capacity;
  const Microseconds gone = age(count, now) / interval;
  if (gone >= count.failures) return {0, now, 0};
  return {static_cast<std::int32_t>(count.failures - gone), std::min(now, count.counted_at + gone * interval), 0};
}

}  // namespace

Admission Lockout::judge(const FailureCount& count, Microseconds now) const noexcept {
  if (threshold <= 0 || count.locked_until <= now) return {.admitted = true};
  // Never longer than a lock of today's length, should the clock have been set back or the setting lowered.
  return {.admitted = false, .retry_after = std::min(count.locked_until - now, std::max(longest, kSecond))};
}

Admission Lockout::admit(FailureCount& count, Microseconds now) const noexcept {
  const Admission judged = judge(count, now);
  if (!judged.admitted) return judged;
  if (age(count, now) >= kForgottenAfter) count.failures = 0;
  count.failures = increment(count.failures);
  count.counted_at = now;
  count.locked_until = 0;
  if (threshold <= 0 || count.failures < threshold) return {.admitted = true};
  count.locked_until = now + lock_length(*this, count.failures);
  return {.admitted = true, .locks = true};
}

void Lockout::forgive(FailureCount& count) const noexcept {
  count.failures = 0;
  count.locked_until = 0;
}

void Lockout::take_back(FailureCount& count) const noexcept {
  count.failures = std::max(0, count.failures - 1);
  if (count.failures < threshold) count.locked_until = 0;
}

Admission AddressLimit::judge(const FailureCount& count, Microseconds now) const noexcept {
  if (capacity <= 0) return {.admitted = true};
  const FailureCount current = drained(*this, count, now);
  if (current.failures < capacity) return {.admitted = true};
  return {.admitted = false, .retry_after = std::max<Microseconds>(1, kHour / capacity - age(current, now))};
}

Admission AddressLimit::admit(FailureCount& count, Microseconds now) const noexcept {
  if (capacity <= 0) return {.admitted = true};
  count = drained(*this, count, now);
  const Admission judged = judge(count, now);
  if (!judged.admitted) return judged;
  count.failures = increment(count.failures);
  return {.admitted = true, .locks = count.failures == capacity};
}

void AddressLimit::take_back(FailureCount& count) const noexcept { count.failures = std::max(0, count.failures - 1); }

}  // namespace gatehouse::accounts

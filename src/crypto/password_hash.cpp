#include "crypto/password_hash.h"

#include <algorithm>
#include <ctime>

#include "crypto/argon2.h"
#include "crypto/foreign_hash.h"
#include "crypto/hash_times.h"

namespace gatehouse::crypto {

namespace {

constexpr const char* kMemoryCeilingSetting = "gatehouse.argon2_memory_ceiling";
constexpr const char* kIterationsCeilingSetting = "gatehouse.argon2_iterations_ceiling";

// A hash of one of the kinds that are verified.
struct StoredHash {
  bool foreign;
  Argon2Hash argon2;
  ForeignHash other;
};

Result<StoredHash> parse_stored(std::string_view text) {
  if (text.size() > kMaxHashBytes) return Fault::kHashMalformed;
  if (text.substr(0, kArgon2Prefix.size()) == kArgon2Prefix) {
    const Result<Argon2Hash> parsed = parse_argon2(text);
    if (!parsed.ok()) return parsed.refusal;
    return StoredHash{.foreign = false, .argon2 = parsed.value, .other = {}};
  }
  const Result<ForeignHash> parsed = parse_foreign(text);
  if (!parsed.ok()) return parsed.refusal;
  return StoredHash{.foreign = true, .argon2 = {}, .other = parsed.value};
}

// The ceiling that the cost is above; nullptr where it is above none.
const char* ceiling_broken(const Argon2Cost& cost, const HashCeilings& ceilings) {
  if (cost.memory_kib > ceilings.argon2_memory_kib) return kMemoryCeilingSetting;
  if (cost.iterations > ceilings.argon2_iterations) return kIterationsCeilingSetting;
  return nullptr;
}

// What may be verified: known, well formed and within the ceilings.
Result<StoredHash> admit(std::string_view text, const HashCeilings& ceilings) {
  const Result<StoredHash> stored = parse_stored(text);
  if (!stored.ok()) return stored;
  if (stored.value.foreign) {
    const Result<Done> checked = check_foreign_ceiling(stored.value.other, ceilings);
    if (!checked.ok()) return checked.refusal;
  } else if (const char* setting = ceiling_broken(stored.value.argon2.cost, ceilings)) {
    return Refusal{Fault::kHashTooExpensive, 0, setting};
  }
  return stored;
}

Result<bool> verify_stored(std::string_view password, const StoredHash& stored) {
  return stored.foreign ? verify_foreign(password, stored.other) : verify_argon2(password, stored.argon2);
}

// Of this thread, so that neither other processes nor waiting look like work done.
std::uint64_t processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// Does the work of a hash, and gives the nanoseconds that it took.
Result<std::uint64_t> timed_decoy(std::string_view password, const Argon2Cost& cost) {
  const std::uint64_t start = processor_nanoseconds();
  const Result<Done> done = decoy_argon2(password, cost);
  if (!done.ok()) return done.refusal;
  return processor_nanoseconds() - start;
}

// One whole hash of today, in place of one that can't be verified.
Result<Done> spend_whole(std::string_view password, const Argon2Cost& today, HashTimes& times) {
  const Result<std::uint64_t> spent = timed_decoy(password, today);
  if (!spent.ok()) return spent.refusal;
  times.note(today, spent.value);
  return Done{};
}

bool costs_no_less(const StoredHash& stored, const Argon2Cost& today) {
  const Argon2Cost& cost = stored.argon2.cost;
  return !stored.foreign && stored.argon2.lanes == 1 && cost.memory_kib >= today.memory_kib &&
         cost.iterations >= today.iterations;
}

Result<bool> verify_whole(std::string_view password, const Argon2Hash& hash, const Argon2Cost& today,
                          HashTimes& times) {
  const std::uint64_t start = processor_nanoseconds();
  const Result<bool> verified = verify_argon2(password, hash);
  if (!verified.ok()) return verified.refusal;
  if (hash.cost.memory_kib == today.memory_kib && hash.cost.iterations == today.iterations) {
    times.note(today, processor_nanoseconds() - start);
  }
  return verified;
}

// What is known of how long a hash of today's passes takes: the larger its memory, the nearer it is to a whole one,
// since a small one lives in the processor's cache.
struct Probe {
  std::uint32_t memory_kib;  // 0: nothing is known
  std::uint64_t nanoseconds;
};

// Spends time by decoys until `whole` nanoseconds have passed since `start`; 0 where no whole hash was measured: then
// as many as the largest of this login so far lets expect. Each is made somewhat smaller than what is missing, for it
// can't be taken back, and the next one is for the rest, so that they end within a few thousandths.
Result<Done> top_up(std::string_view password, std::uint64_t start, std::uint64_t whole, Probe largest,
                    const Argon2Cost& today) {
  constexpr double kShare = 7.0 / 8;
  constexpr std::uint32_t kLeastMemoryKib = 8;
  // A clock that doesn't advance as it should makes nobody work for ever.
  std::uint64_t left_kib = std::uint64_t{2} * today.memory_kib;
  for (;;) {
    double wanted_kib = today.memory_kib / 8.0;
    if (whole != 0 || largest.memory_kib != 0) {
      const double goal = whole != 0 ? static_cast<double>(whole)
                                     : static_cast<double>(largest.nanoseconds) / largest.memory_kib * today.memory_kib;
      const double missing = goal - static_cast<double>(processor_nanoseconds() - start);
      if (missing <= 0) return Done{};
      wanted_kib = kShare * missing / goal * today.memory_kib;
    }
    const auto memory_kib = static_cast<std::uint32_t>(std::min(wanted_kib, static_cast<double>(left_kib)));
    if (memory_kib < kLeastMemoryKib) return Done{};
    const Result<std::uint64_t> spent = timed_decoy(password, {memory_kib, today.iterations});
    if (!spent.ok()) return spent.refusal;
    if (memory_kib > largest.memory_kib) largest = {memory_kib, spent.value};
    left_kib -= memory_kib;
  }
}

}  // namespace

bool reaches_floor(const Argon2Cost& cost) {
  // OWASP Password Storage Cheat Sheet: each pair costs an attacker about the same.
  static constexpr Argon2Cost kLeast[] = {{46 * 1024, 1}, {19 * 1024, 2}, {12 * 1024, 3}, {9 * 1024, 4}, {7 * 1024, 5}};
  return std::any_of(std::begin(kLeast), std::end(kLeast), [&](const Argon2Cost& least) {
    return cost.memory_kib >= least.memory_kib && cost.iterations >= least.iterations;
  });
}

Result<HashText> hash_password(std::string_view password, const Argon2Cost& cost, const HashCeilings& ceilings,
                               HashTimes& times) {
  if (!reaches_floor(cost)) return Fault::kArgon2BelowFloor;
  if (const char* setting = ceiling_broken(cost, ceilings)) return Refusal{Fault::kArgon2AboveCeiling, 0, setting};
  const std::uint64_t start = processor_nanoseconds();
  const Result<HashText> made = make_argon2(password, cost);
  if (made.ok()) times.note(cost, processor_nanoseconds() - start);
  return made;
}

Result<Done> check_stored_hash(std::string_view hash, const HashCeilings& ceilings) {
  const Result<StoredHash> stored = admit(hash, ceilings);
  if (!stored.ok()) return stored.refusal;
  return Done{};
}

Result<bool> verify_password(std::string_view password, std::string_view hash, const HashCeilings& ceilings) {
  const Result<StoredHash> stored = admit(hash, ceilings);
  if (!stored.ok()) return stored.refusal;
  return verify_stored(password, stored.value);
}

Result<bool> needs_rehash(std::string_view hash, const Argon2Cost& cost) {
  const Result<StoredHash> stored = parse_stored(hash);
  if (!stored.ok()) return stored.refusal;
  if (stored.value.foreign) return true;
  const Argon2Hash& argon2 = stored.value.argon2;
  return !argon2_in_our_form(argon2) || argon2.cost.memory_kib < cost.memory_kib ||
         argon2.cost.iterations < cost.iterations;
}

// Topped up is every answer, the right password's too. It would need it least: who gives it learns that it is right
// anyway. But the caller may still refuse it (the account was stopped meanwhile), and then a short time would say that
// the password was right and the hash an old one. It costs one login an account, since a success rehashes.
// What this cannot hide is a hash dearer than today's: its time is its own until the next success rehashes it.
Result<bool> verify_login(std::string_view password, std::string_view hash, const Argon2Cost& cost,
                          const HashCeilings& ceilings, HashTimes& times) {
  const Argon2Cost today{std::min(cost.memory_kib, ceilings.argon2_memory_kib),
                         std::max(1u, std::min(cost.iterations, ceilings.argon2_iterations))};
  const Result<StoredHash> stored = admit(hash, ceilings);
  if (!stored.ok()) {
    const Result<Done> spent = spend_whole(password, today, times);
    if (!spent.ok()) return spent.refusal;
    return false;
  }
  if (costs_no_less(stored.value, today)) return verify_whole(password, stored.value.argon2, today, times);

  const std::uint64_t start = processor_nanoseconds();
  const Result<bool> verified = verify_stored(password, stored.value);
  if (!verified.ok() && verified.refusal.fault == Fault::kOutOfMemory) return verified.refusal;
  const Argon2Cost& made = stored.value.argon2.cost;
  const bool like_today = !stored.value.foreign && made.iterations == today.iterations;
  const Probe probe = like_today ? Probe{made.memory_kib, processor_nanoseconds() - start} : Probe{};
  const Result<Done> topped = top_up(password, start, times.draw(today), probe, today);
  if (!topped.ok()) return topped.refusal;
  return verified.ok() && verified.value;
}

}  // namespace gatehouse::crypto

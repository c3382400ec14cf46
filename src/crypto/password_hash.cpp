#include "crypto/password_hash.h"

#include <algorithm>
#include <ctime>

#include "crypto/argon2.h"
#include "crypto/foreign_hash.h"

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

// Work is counted in KiB times passes, which is what Argon2's time is proportional to.
std::uint64_t work_of(const Argon2Cost& cost) { return std::uint64_t{cost.memory_kib} * cost.iterations; }

// Of this thread, so that neither other processes nor waiting look like work done.
std::uint64_t processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// How fast today's Argon2 runs in this process: what the time of another hash is converted by. 0 before the first
// measure. A server's process has one thread.
double nanoseconds_per_work = 0;

void learn_pace(std::uint64_t nanoseconds, std::uint64_t work) {
  const double measured = static_cast<double>(nanoseconds) / static_cast<double>(work);
  nanoseconds_per_work = nanoseconds_per_work == 0 ? measured : (3 * nanoseconds_per_work + measured) / 4;
}

// Spends `work`, in as many passes as today's hash has: two hashes that share its memory so also share its passes,
// and with both the page faults and the cache misses that it has. Gives the nanoseconds that it took.
Result<std::uint64_t> spend(std::string_view password, std::uint64_t work, const Argon2Cost& today) {
  constexpr std::uint32_t kLeastMemoryKib = 8;
  const auto memory_kib = static_cast<std::uint32_t>(work / today.iterations);
  if (memory_kib < kLeastMemoryKib) return std::uint64_t{0};
  const Argon2Cost cost{memory_kib, today.iterations};
  const std::uint64_t start = processor_nanoseconds();
  const Result<Done> done = decoy_argon2(password, cost);
  if (!done.ok()) return done.refusal;
  const std::uint64_t elapsed = processor_nanoseconds() - start;
  // A small decoy lives in the processor's cache and runs faster than a real hash: it counts only where nothing else
  // is.
  if (nanoseconds_per_work == 0 || memory_kib >= today.memory_kib / 2) learn_pace(elapsed, work_of(cost));
  return elapsed;
}

// Verifies, and says how much work of Argon2's that was worth, and how long it took where that is not what the work was told
// by.
struct Attempt {
  bool matches;
  std::uint64_t work;
  std::uint64_t nanoseconds;
};

// A hash of as many passes as today's is worth its share of today's hash, exactly; one that is dearer in both is worth
// more.
Result<Attempt> attempt_counted(std::string_view password, const Argon2Hash& hash, const Argon2Cost& today) {
  const std::uint64_t start = processor_nanoseconds();
  const Result<bool> verified = verify_argon2(password, hash);
  if (!verified.ok()) return verified.refusal;
  const std::uint64_t elapsed = processor_nanoseconds() - start;
  if (hash.cost.memory_kib >= today.memory_kib / 2) learn_pace(elapsed, work_of(hash.cost));
  return Attempt{verified.value, work_of(hash.cost), elapsed};
}

// Any other is worth the time that it takes. So is Argon2 of other passes: a first pass costs about as much again as
// those that follow, since it is then that the system gives the memory.
Result<Attempt> attempt_timed(std::string_view password, const StoredHash& stored, const Argon2Cost& today) {
  std::uint64_t work = 0;
  if (nanoseconds_per_work == 0) {
    // Nothing was hashed in this process yet: a part of today's hash is spent now, to learn the pace from.
    work = work_of(today) / 8;
    const Result<std::uint64_t> spent = spend(password, work, today);
    if (!spent.ok()) return spent.refusal;
  }
  const std::uint64_t start = processor_nanoseconds();
  const Result<bool> verified = verify_stored(password, stored);
  if (!verified.ok() && verified.refusal.fault == Fault::kOutOfMemory) return verified.refusal;
  const auto elapsed = static_cast<double>(processor_nanoseconds() - start);
  if (nanoseconds_per_work > 0) work += static_cast<std::uint64_t>(elapsed / nanoseconds_per_work);
  return Attempt{verified.ok() && verified.value, work, 0};
}

Result<Attempt> attempt(std::string_view password, const StoredHash& stored, const Argon2Cost& today) {
  const Argon2Cost& cost = stored.argon2.cost;
  const bool counted = !stored.foreign && (cost.iterations == today.iterations ||
                                           (cost.iterations > today.iterations && cost.memory_kib >= today.memory_kib));
  return counted ? attempt_counted(password, stored.argon2, today) : attempt_timed(password, stored, today);
}

// Two hashes that share today's memory: the smaller one lives more in the processor's cache than the other, and is faster than its
// share. What that saved is spent too, by the pace of the larger.
Result<Done> even_out(std::string_view password, const Attempt& made, std::uint64_t rest, std::uint64_t rest_nanoseconds,
                      const Argon2Cost& today) {
  if (made.nanoseconds == 0 || rest_nanoseconds == 0) return Done{};
  const bool rest_is_larger = rest > made.work;
  const double pace = rest_is_larger ? static_cast<double>(rest_nanoseconds) / static_cast<double>(rest)
                                     : static_cast<double>(made.nanoseconds) / static_cast<double>(made.work);
  const std::uint64_t small_work = rest_is_larger ? made.work : rest;
  const std::uint64_t small_nanoseconds = rest_is_larger ? made.nanoseconds : rest_nanoseconds;
  const double missing = static_cast<double>(small_work) - static_cast<double>(small_nanoseconds) / pace;
  if (missing <= 0) return Done{};
  const Result<std::uint64_t> spent = spend(password, static_cast<std::uint64_t>(missing), today);
  if (!spent.ok()) return spent.refusal;
  return Done{};
}

}  // namespace

bool reaches_floor(const Argon2Cost& cost) {
  // OWASP Password Storage Cheat Sheet: each pair costs an attacker about the same.
  static constexpr Argon2Cost kLeast[] = {{46 * 1024, 1}, {19 * 1024, 2}, {12 * 1024, 3}, {9 * 1024, 4}, {7 * 1024, 5}};
  return std::any_of(std::begin(kLeast), std::end(kLeast), [&](const Argon2Cost& least) {
    return cost.memory_kib >= least.memory_kib && cost.iterations >= least.iterations;
  });
}

Result<HashText> hash_password(std::string_view password, const Argon2Cost& cost, const HashCeilings& ceilings) {
  if (!reaches_floor(cost)) return Fault::kArgon2BelowFloor;
  if (const char* setting = ceiling_broken(cost, ceilings)) return Refusal{Fault::kArgon2AboveCeiling, 0, setting};
  return make_argon2(password, cost);
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
                          const HashCeilings& ceilings) {
  const Argon2Cost today{std::min(cost.memory_kib, ceilings.argon2_memory_kib),
                         std::max(1u, std::min(cost.iterations, ceilings.argon2_iterations))};
  const Result<StoredHash> stored = admit(hash, ceilings);
  const Result<Attempt> made = stored.ok() ? attempt(password, stored.value, today) : Attempt{};
  if (!made.ok()) return made.refusal;
  if (made.value.work < work_of(today)) {
    const std::uint64_t rest = work_of(today) - made.value.work;
    const Result<std::uint64_t> spent = spend(password, rest, today);
    if (!spent.ok()) return spent.refusal;
    const Result<Done> evened = even_out(password, made.value, rest, spent.value, today);
    if (!evened.ok()) return evened.refusal;
  }
  return made.value.matches;
}

}  // namespace gatehouse::crypto

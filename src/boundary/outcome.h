// The vocabulary in which the core answers. Core: knows nothing of PostgreSQL.
//
// A core function gives a Result: either a value or a Refusal. Both are trivially destructible and
// bounded in size, so that they may cross into a frame which PostgreSQL can leave by longjmp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace gatehouse {

// Each fault has one SQLSTATE and one message: error_table.cpp.
enum class Fault : std::uint8_t {
  kNone,
  kApiKeyPrefixMalformed,
  kArgon2AboveCeiling,
  kArgon2BelowFloor,
  kAuditColumnMissing,
  kAuditContextInParallel,
  kAuditContextMalformed,
  kAuditContextTooLarge,
  kAuditKeyColumnHidden,
  kAuditLeafUnusable,
  kAuditLogInTheWay,
  kAuditRowTooLarge,
  kAuditTriggerMisused,
  kGateFull,
  kHashKindUnknown,
  kHashMalformed,
  kHashTooExpensive,
  kIdentityInParallel,
  kInternal,
  kKeyRingMalformed,
  kKeyRingMissing,
  kKeyRingPermissive,
  kKeyRingUnreadable,
  kMalformedArgument,
  kNullArgument,
  kObjectMissing,
  kOtherAccount,
  kOutOfMemory,
  kPasswordBlocked,
  kPasswordEmpty,
  kPasswordLacks,
  kPasswordOwnName,
  kPasswordRegular,
  kPasswordTooLong,
  kPasswordTooShort,
  kPasswordUnassigned,
  kScopeMalformed,
  kScopeMissing,
  kScopesRestrict,
  kSettingUnknown,
  kTokenSizeOutOfRange,
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::kTokenSizeOutOfRange) + 1;

// `number` and `subject` fill the {n} and {s} of the fault's message. `subject` names a setting, an
// object or an argument, never a credential, and must outlive the call that raises.
struct Refusal {
  Fault fault = Fault::kNone;
  std::int64_t number = 0;
  const char* subject = "";
};

template <class T>
struct [[nodiscard]] Result {
  static_assert(std::is_trivially_destructible_v<T>, "only plain values cross the boundary");

  T value{};
  Refusal refusal{};

  Result() = default;
  Result(const T& v) : value(v) {}
  Result(Refusal r) : refusal(r) {}
  Result(Fault f) : refusal{f} {}

  bool ok() const { return refusal.fault == Fault::kNone; }
};

// A result without a value.
struct Done {};

// Text of at most `kCapacity` bytes, not terminated by a NUL. Holds no secret: it is not wiped.
template <std::size_t kCapacity>
struct BoundedText {
  std::array<char, kCapacity> bytes;
  std::size_t size;

  std::string_view view() const { return {bytes.data(), size}; }
};

}  // namespace gatehouse

#include "boundary/error_table.h"

#include <charconv>
#include <cstring>

namespace gatehouse {

namespace {

// In the order of the enumeration; a unit test holds the two together.
constexpr ErrorEntry kEntries[] = {
    {Fault::kNone, "00000", "no error", nullptr},
    {Fault::kApiKeyPrefixMalformed, "22023", "API key prefix must have 1 to 12 characters of a-z and 0-9", nullptr},
    {Fault::kArgon2AboveCeiling, "22023", "the Argon2id cost of new hashes is above {s}",
     "A hash above the ceiling could be made but never verified. Lower the cost or raise the ceiling."},
    {Fault::kArgon2BelowFloor, "22023", "the Argon2id cost of new hashes is below the floor",
     "Set gatehouse.argon2_memory and gatehouse.argon2_iterations to at least one of 46MB and 1, 19MB and 2, "
     "12MB and 3, 9MB and 4, 7MB and 5."},
    {Fault::kAuditColumnMissing, "55000", "audit excludes or redacts column \"{s}\", which the table no longer has",
     "Call gatehouse.enable_audit() again with the present columns."},
    {Fault::kAuditContextInParallel, "55000", "cannot set the audit context during a parallel operation",
     "A function that sets it must not be marked PARALLEL SAFE."},
    {Fault::kAuditContextMalformed, "22023", "context must be a JSON object", nullptr},
    {Fault::kAuditContextTooLarge, "22023", "context must have at most {n} bytes", nullptr},
    {Fault::kAuditKeyColumnHidden, "55000", "audit excludes or redacts a column of the primary key",
     "Call gatehouse.enable_audit() again with the present columns."},
    {Fault::kAuditLeafUnusable, "55000", "a partition of gatehouse.row_change_log cannot be written",
     "A partition must be a plain table with the columns of the log and without exclusion constraints."},
    {Fault::kAuditLogInTheWay, "55000", "cannot drop gatehouse while its audit log has rows",
     "Its partitions would be gone with it. A superuser who means it sets gatehouse.allow_drop to on for the session."},
    {Fault::kAuditRowTooLarge, "54000", "row is too large for the audit log",
     "A row's changed columns must fit into a jsonb of 256 MB. Exclude or redact its large columns."},
    {Fault::kAuditTriggerMisused, "55000", "this function must be called as a trigger made by gatehouse.enable_audit()",
     nullptr},
    {Fault::kGateFull, "53300", "too many passwords are being hashed",
     "Try again later. The limits are gatehouse.max_concurrent_hashes, gatehouse.max_hash_waiters and "
     "gatehouse.hash_wait_timeout."},
    {Fault::kHashKindUnknown, "22P02", "password hash is of an unknown kind",
     "Known are Argon2id, bcrypt, yescrypt, SHA-crypt and PBKDF2-SHA256."},
    {Fault::kHashMalformed, "22P02", "malformed password hash", nullptr},
    {Fault::kHashTooExpensive, "22023", "password hash asks for more than {s} allows", nullptr},
    {Fault::kIdentityInParallel, "55000", "cannot sign in or out during a parallel operation",
     "A function that signs in or out must not be marked PARALLEL SAFE."},
    {Fault::kInternal, "XX000", "unexpected failure inside gatehouse", nullptr},
    {Fault::kKeyRingMalformed, "22P02", "malformed key ring at line {n}",
     "Check it with gatehouse-keyring. A line is an id from 1 to 65535, a space and 64 hexadecimal digits."},
    {Fault::kKeyRingMissing, "55000", "access tokens need a key ring",
     "Make one with gatehouse-keyring, and name it in gatehouse.key_file."},
    {Fault::kKeyRingPermissive, "55000", "the key ring can be read by others or is not the server's own",
     "The file must be a regular one, owned by the server's user, with mode 0600."},
    {Fault::kKeyRingUnreadable, "55000", "could not read the key ring",
     "Check the file that gatehouse.key_file names."},
    {Fault::kMalformedArgument, "22023", "argument \"{s}\" is malformed", nullptr},
    {Fault::kNullArgument, "22023", "argument \"{s}\" must not be null", nullptr},
    {Fault::kObjectMissing, "55000", "gatehouse's {s} cannot be found", "Is the extension installed in this database?"},
    {Fault::kOtherAccount, "42501", "another account is signed in", nullptr},
    {Fault::kOutOfMemory, "53200", "out of memory", nullptr},
    {Fault::kPasswordBlocked, "22023", "password must not be one that is commonly chosen", nullptr},
    {Fault::kPasswordEmpty, "22023", "password must not be empty", nullptr},
    {Fault::kPasswordLacks, "22023", "password must have {s}", nullptr},
    {Fault::kPasswordOwnName, "22023",
     "password must have at least {n} characters besides the e-mail address and the username", nullptr},
    {Fault::kPasswordRegular, "22023", "password must not be a short piece repeated or a run of neighbouring characters",
     nullptr},
    {Fault::kPasswordTooLong, "22023", "password must have at most {n} bytes", nullptr},
    {Fault::kPasswordTooShort, "22023", "password must have at least {n} characters", nullptr},
    {Fault::kPasswordUnassigned, "22023", "password must not contain unassigned code points", nullptr},
    {Fault::kScopeMalformed, "22023", "malformed scope", "A scope is resource, action:resource or action:*."},
    {Fault::kScopeMissing, "42501", "nobody is signed in with scope \"{s}\"", nullptr},
    {Fault::kScopesRestrict, "42501", "who is signed in is restricted to scopes",
     "It can be given no more than these scopes, and opens no session."},
    {Fault::kSettingUnknown, "22023", "unknown setting of gatehouse", nullptr},
    {Fault::kTokenSizeOutOfRange, "22023", "number of bytes must be between 16 and 64", nullptr},
};
static_assert(std::size(kEntries) == kFaultCount);

// Appends as much of `text` as leaves room for the NUL, and gives the new end.
std::size_t append(std::span<char> into, std::size_t at, std::string_view text) {
  const std::size_t room = into.size() - 1 - at;
  const std::size_t taken = text.size() < room ? text.size() : room;
  std::memcpy(into.data() + at, text.data(), taken);
  return at + taken;
}

}  // namespace

const ErrorEntry& error_entry(Fault fault) {
  const auto index = static_cast<std::size_t>(fault);
  return kEntries[index < kFaultCount ? index : static_cast<std::size_t>(Fault::kInternal)];
}

void format_message(const Refusal& refusal, std::span<char> into) {
  std::string_view rest = error_entry(refusal.fault).message;
  std::size_t at = 0;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    at = append(into, at, rest.substr(0, open));
    if (open == std::string_view::npos) break;
    if (rest[open + 1] == 'n') {
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, refusal.number).ptr;
      at = append(into, at, {digits, static_cast<std::size_t>(end - digits)});
    } else {
      at = append(into, at, refusal.subject);
    }
    rest.remove_prefix(open + 3);
  }
  into[at] = '\0';
}

}  // namespace gatehouse

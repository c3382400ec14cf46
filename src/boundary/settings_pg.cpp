#include "boundary/settings_pg.h"

#include <sched.h>

#include <algorithm>
#include <climits>

#include "api_keys/key_format.h"
#include "crypto/waiting_line.h"

namespace gatehouse::settings {

namespace {

char* access_token_audience_value;
char* access_token_issuer_value;
int access_token_lifetime_s;
int address_threshold_value;
bool allow_drop_value;
char* api_key_prefix_value;
int argon2_iterations;
int argon2_iterations_ceiling;
int argon2_memory_kib;
int argon2_memory_ceiling_kib;
int audit_leaf_size_mib;
int audit_retention_s;
int bcrypt_cost_ceiling;
int deletion_grace_s;
int deletion_token_lifetime_s;
int hash_wait_timeout_value_ms;
char* key_file_value;
int lockout_duration_s;
int lockout_threshold_value;
int log_parameters_value;
int max_api_keys_per_user;
int max_concurrent_hashes_value;
int max_hash_waiters_value;
int max_key_uses;
int max_queued_events;
int max_sessions_per_user;
int max_standby_staleness_s;
int max_throttle_entries;
bool password_composition_value;
int password_min_length_value;
int password_reset_token_lifetime_s;
int pbkdf2_iterations_ceiling;
int refresh_grace_s;
int refresh_token_idle_s;
int refresh_token_lifetime_s;
bool require_verified_email;
int sha_crypt_rounds_ceiling;
bool track_key_usage_value;
int verification_token_lifetime_s;
char* worker_databases_value;
int yescrypt_memory_ceiling_kib;

constexpr config_enum_entry kLogParameters[] = {
    {"others", static_cast<int>(LogParameters::kOthers), false},
    {"none", static_cast<int>(LogParameters::kNone), false},
    {"all", static_cast<int>(LogParameters::kAll), false},
    {nullptr, 0, false},
};

constexpr std::size_t kMostClaimBytes = 256;
constexpr int kSecondsPerMinute = 60;
constexpr int kSecondsPerHour = 3600;
constexpr int kSecondsPerDay = 86400;

bool check_api_key_prefix(char** value, void**, GucSource) {
  if (api_keys::prefix_valid(*value)) return true;
  GUC_check_errdetail("The prefix must have 1 to 12 characters of a-z and 0-9.");
  return false;
}

// "Never younger than a day" is what prune_audit_log promises.
bool check_audit_retention(int* value, void**, GucSource) {
  if (*value == 0 || *value >= kSecondsPerDay) return true;
  GUC_check_errdetail("It must be 0, or at least 1 day.");
  return false;
}

bool check_claim(char** value, void**, GucSource) {
  if (strlen(*value) <= kMostClaimBytes) return true;
  GUC_check_errdetail("A claim has at most 256 bytes.");
  return false;
}

void define_int(const char* name, const char* description, const char* details, int* variable, int initial, int least,
                int most, int unit, GucContext context = PGC_SUSET) {
  DefineCustomIntVariable(name, description, details, variable, initial, least, most, context, unit, nullptr, nullptr,
                          nullptr);
}

// The processors that the server may use, at most 8: more hashes at once are more memory, not more speed.
int processors() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
  return std::clamp(CPU_COUNT(&usable), 1, 8);
}

// What lays out shared memory is fixed when the server starts; without preloading the sizes are those of a segment.
GucContext context_of_sizes() { return process_shared_preload_libraries_in_progress ? PGC_POSTMASTER : PGC_SIGHUP; }

}  // namespace

void define_all() {
  DefineCustomStringVariable("gatehouse.access_token_audience", "Whom access tokens are for, where the call doesn't say.",
                             "The claim \"aud\". Empty: nobody in particular.", &access_token_audience_value, "", PGC_SUSET, 0,
                             check_claim, nullptr, nullptr);
  DefineCustomStringVariable("gatehouse.access_token_issuer", "Who issues access tokens.",
                             "The claim \"iss\"; tokens of another issuer are refused. Empty: no such claim.",
                             &access_token_issuer_value, "", PGC_SUSET, 0, check_claim, nullptr, nullptr);
  define_int("gatehouse.access_token_lifetime", "How long an access token is valid, where the call doesn't say.", nullptr,
             &access_token_lifetime_s, 15 * kSecondsPerMinute, 1, kSecondsPerDay, GUC_UNIT_S);
  define_int("gatehouse.address_threshold", "How many failures from one address before it is slowed.",
             "They are forgotten evenly within an hour. An IPv6 address counts with its /64. 0 is no limit.",
             &address_threshold_value, 100, 0, INT_MAX, 0);
  DefineCustomBoolVariable("gatehouse.allow_drop", "Whether the extension may be dropped while its audit log has rows.",
                           "Meant to be set in the session that drops it.", &allow_drop_value, false, PGC_SUSET, 0, nullptr, nullptr,
                           nullptr);
  DefineCustomStringVariable("gatehouse.api_key_prefix", "The text that new API keys begin with.",
                             "1 to 12 characters of a-z and 0-9.", &api_key_prefix_value, "sk", PGC_SUSET, 0,
                             check_api_key_prefix, nullptr, nullptr);
  define_int("gatehouse.argon2_iterations", "The number of passes of new Argon2id hashes.",
             "The pair with argon2_memory must reach OWASP's minimum, which is checked when hashing.",
             &argon2_iterations, 2, 1, 64, 0);
  define_int("gatehouse.argon2_iterations_ceiling", "The most passes that a stored Argon2id hash may ask for.", nullptr,
             &argon2_iterations_ceiling, 16, 1, 1024, 0);
  define_int("gatehouse.argon2_memory", "The memory of new Argon2id hashes.",
             "The pair with argon2_iterations must reach OWASP's minimum, which is checked when hashing.",
             &argon2_memory_kib, 64 * 1024, 7 * 1024, 1024 * 1024, GUC_UNIT_KB);
  define_int("gatehouse.argon2_memory_ceiling", "The most memory that a stored Argon2id hash may ask for.", nullptr,
             &argon2_memory_ceiling_kib, 256 * 1024, 7 * 1024, 4 * 1024 * 1024 - 1, GUC_UNIT_KB);
  define_int("gatehouse.audit_leaf_size", "How large a partition of the audit logs is to become.",
             "Maintenance makes it for a month, a week or a day, by what was written lately.", &audit_leaf_size_mib, 1024, 1,
             1024 * 1024, GUC_UNIT_MB);
  DefineCustomIntVariable("gatehouse.audit_retention", "How long the audit logs are kept.",
                          "Maintenance drops whole partitions that are older. 0 keeps all.", &audit_retention_s,
                          400 * kSecondsPerDay, 0, INT_MAX, PGC_SUSET, GUC_UNIT_S, check_audit_retention, nullptr, nullptr);
  define_int("gatehouse.bcrypt_cost_ceiling", "The highest cost of a stored bcrypt hash that is verified.",
             "The binary logarithm of the number of rounds.", &bcrypt_cost_ceiling, 14, 4, 31, 0);
  define_int("gatehouse.deletion_grace", "How long after its confirmation an account is erased.",
             "Until then it works, and the erasure can be cancelled.", &deletion_grace_s, 7 * kSecondsPerDay, 0,
             365 * kSecondsPerDay, GUC_UNIT_S);
  define_int("gatehouse.deletion_token_lifetime", "How long a request to erase an account can be confirmed.", nullptr,
             &deletion_token_lifetime_s, 24 * kSecondsPerHour, kSecondsPerMinute, 30 * kSecondsPerDay, GUC_UNIT_S);
  define_int("gatehouse.hash_wait_timeout", "How long a password waits to be hashed.",
             "Then a login answers \"busy\", and other functions fail.", &hash_wait_timeout_value_ms, 2000, 0,
             kSecondsPerHour * 1000, GUC_UNIT_MS);
  DefineCustomStringVariable("gatehouse.key_file", "The path of the key ring.",
                             "A file of mode 0600, owned by the server's user. Empty: no key ring.", &key_file_value, "",
                             PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
  define_int("gatehouse.lockout_duration", "How long an account is locked at the most.",
             "The first lock is of one minute; each further failure doubles it up to this.", &lockout_duration_s,
             15 * kSecondsPerMinute, 1, kSecondsPerDay, GUC_UNIT_S);
  define_int("gatehouse.lockout_threshold", "How many failures in a row lock an account.", "0 is never.",
             &lockout_threshold_value, 10, 0, INT_MAX, 0);
  DefineCustomEnumVariable("gatehouse.log_parameters", "Whose bind parameters the server's log shows.",
                           "\"others\" hides those of statements that name or have run a function of gatehouse that takes a "
                           "secret, \"none\" hides all.",
                           &log_parameters_value, static_cast<int>(LogParameters::kOthers), kLogParameters, PGC_SUSET, 0,
                           nullptr, nullptr, nullptr);
  define_int("gatehouse.max_api_keys_per_user", "The most live API keys of one account.", "0 is no limit.",
             &max_api_keys_per_user, 100, 0, INT_MAX, 0);
  define_int("gatehouse.max_concurrent_hashes", "How many passwords are hashed at once, in the whole server.",
             "Each takes the memory of argon2_memory. The default is the number of processors, at most 8.",
             &max_concurrent_hashes_value, processors(), 1, 1024, 0, PGC_SIGHUP);
  define_int("gatehouse.max_hash_waiters", "How many passwords wait to be hashed, in the whole server.",
             "Each of them holds a connection.", &max_hash_waiters_value, 64, 0, static_cast<int>(crypto::kMaxWaiters),
             0, PGC_SIGHUP);
  define_int("gatehouse.max_key_uses", "How many API keys have uses that wait in shared memory to be written.",
             "Of all databases. Needs preloading.", &max_key_uses, shared::kDefaultSizes.max_key_uses, 1024,
             16 * 1024 * 1024, 0, context_of_sizes());
  define_int("gatehouse.max_queued_events", "How many security events wait in shared memory to be written.",
             "Of all databases. Needs preloading.", &max_queued_events, shared::kDefaultSizes.max_queued_events, 64,
             16384, 0, context_of_sizes());
  define_int("gatehouse.max_sessions_per_user", "The most live sessions of one account.",
             "The least recently used one ends when another begins. 0 is no limit.", &max_sessions_per_user, 5, 0,
             INT_MAX, 0);
  define_int("gatehouse.max_standby_staleness", "How old what a standby shows may be before it refuses API keys.",
             "The primary must have the same value, and preload the library. 0 is no limit. Needs preloading.",
             &max_standby_staleness_s, 30, 0, kSecondsPerDay, GUC_UNIT_S, PGC_SIGHUP);
  define_int("gatehouse.max_throttle_entries", "How many counts of failures are kept in shared memory.",
             "Of all databases. Needs preloading.", &max_throttle_entries, shared::kDefaultSizes.max_throttle_entries,
             1024, 16 * 1024 * 1024, 0, context_of_sizes());
  DefineCustomBoolVariable("gatehouse.password_composition", "Whether a new password must mix kinds of characters.",
                           "If on, it needs an upper-case and a lower-case letter, a digit and a symbol.",
                           &password_composition_value, false, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  define_int("gatehouse.password_min_length", "The fewest characters of a new password.", "Counted in code points.",
             &password_min_length_value, 15, 8, 256, 0);
  define_int("gatehouse.password_reset_token_lifetime", "How long a forgotten password can be reset after the request.",
             nullptr, &password_reset_token_lifetime_s, kSecondsPerHour, kSecondsPerMinute, kSecondsPerDay, GUC_UNIT_S);
  define_int("gatehouse.pbkdf2_iterations_ceiling", "The most iterations of a stored PBKDF2 hash that is verified.",
             nullptr, &pbkdf2_iterations_ceiling, 2000000, 1, INT_MAX, 0);
  define_int("gatehouse.refresh_grace", "How long a used refresh token may be sent again for the same answer.",
             "Needs a key ring; without one there is no grace.", &refresh_grace_s, 10, 0, 10 * kSecondsPerMinute,
             GUC_UNIT_S);
  define_int("gatehouse.refresh_token_idle", "How long a session lives without being refreshed.", nullptr,
             &refresh_token_idle_s, 14 * kSecondsPerDay, kSecondsPerMinute, 3650 * kSecondsPerDay, GUC_UNIT_S);
  define_int("gatehouse.refresh_token_lifetime", "How long a session lives at the most.", nullptr,
             &refresh_token_lifetime_s, 30 * kSecondsPerDay, kSecondsPerMinute, 3650 * kSecondsPerDay, GUC_UNIT_S);
  DefineCustomBoolVariable("gatehouse.require_verified_email", "Whether a login needs a verified e-mail address.",
                           "If on, the right password of an unverified account gives the status \"unverified\".",
                           &require_verified_email, true, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  define_int("gatehouse.sha_crypt_rounds_ceiling", "The most rounds of a stored SHA-crypt hash that is verified.",
             nullptr, &sha_crypt_rounds_ceiling, 1000000, 1000, 999999999, 0);
  DefineCustomBoolVariable("gatehouse.track_key_usage", "Whether the uses of API keys are counted.",
                           "When a key was last used, from where, and how often.", &track_key_usage_value, true, PGC_SUSET,
                           0, nullptr, nullptr, nullptr);
  define_int("gatehouse.verification_token_lifetime", "How long an e-mail address can be verified after the request.",
             nullptr, &verification_token_lifetime_s, 24 * kSecondsPerHour, kSecondsPerMinute, 30 * kSecondsPerDay,
             GUC_UNIT_S);
  DefineCustomStringVariable("gatehouse.worker_databases", "The databases that the background worker serves.",
                             "Names, separated by commas. Needs preloading.", &worker_databases_value, "", PGC_SIGHUP,
                             GUC_LIST_INPUT, nullptr, nullptr, nullptr);
  define_int("gatehouse.yescrypt_memory_ceiling", "The most memory that a stored yescrypt hash may ask for.", nullptr,
             &yescrypt_memory_ceiling_kib, 64 * 1024, 1024, 1024 * 1024, GUC_UNIT_KB);
  MarkGUCPrefixReserved("gatehouse");
}

std::string_view access_token_audience() { return access_token_audience_value; }
std::string_view access_token_issuer() { return access_token_issuer_value; }
int address_threshold() { return address_threshold_value; }
bool allow_drop() { return allow_drop_value; }
const char* api_key_prefix() { return api_key_prefix_value; }
int hash_wait_timeout_ms() { return hash_wait_timeout_value_ms; }
const char* key_file() { return key_file_value; }
std::int64_t lockout_duration_us() { return std::int64_t{lockout_duration_s} * USECS_PER_SEC; }
int lockout_threshold() { return lockout_threshold_value; }
LogParameters log_parameters() { return static_cast<LogParameters>(log_parameters_value); }
int max_concurrent_hashes() { return max_concurrent_hashes_value; }
int max_hash_waiters() { return max_hash_waiters_value; }
int max_standby_staleness_ms() { return max_standby_staleness_s * 1000; }
std::int64_t refresh_grace_us() { return std::int64_t{refresh_grace_s} * USECS_PER_SEC; }
std::int64_t refresh_token_idle_us() { return std::int64_t{refresh_token_idle_s} * USECS_PER_SEC; }
bool track_key_usage() { return track_key_usage_value; }
const char* worker_databases() { return worker_databases_value; }

shared::Sizes shared_sizes() {
  return {.max_key_uses = max_key_uses,
          .max_queued_events = max_queued_events,
          .max_throttle_entries = max_throttle_entries};
}

bool password_composition() { return password_composition_value; }
int password_min_length() { return password_min_length_value; }

crypto::Argon2Cost argon2_cost() {
  return {static_cast<std::uint32_t>(argon2_memory_kib), static_cast<std::uint32_t>(argon2_iterations)};
}

crypto::HashCeilings hash_ceilings() {
  return {
      .argon2_memory_kib = static_cast<std::uint32_t>(argon2_memory_ceiling_kib),
      .argon2_iterations = static_cast<std::uint32_t>(argon2_iterations_ceiling),
      .bcrypt_cost = static_cast<std::uint32_t>(bcrypt_cost_ceiling),
      .pbkdf2_iterations = static_cast<std::uint32_t>(pbkdf2_iterations_ceiling),
      .sha_crypt_rounds = static_cast<std::uint32_t>(sha_crypt_rounds_ceiling),
      .yescrypt_memory_kib = static_cast<std::uint32_t>(yescrypt_memory_ceiling_kib),
  };
}

}  // namespace gatehouse::settings

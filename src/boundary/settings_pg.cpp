#include "boundary/settings_pg.h"

#include <climits>

#include "api_keys/key_format.h"

namespace gatehouse::settings {

namespace {

char* api_key_prefix_value;
int argon2_iterations;
int argon2_iterations_ceiling;
int argon2_memory_kib;
int argon2_memory_ceiling_kib;
int bcrypt_cost_ceiling;
char* key_file_value;
int max_api_keys_per_user;
int max_sessions_per_user;
int password_min_length_value;
int pbkdf2_iterations_ceiling;
int refresh_grace_s;
int refresh_token_idle_s;
int refresh_token_lifetime_s;
bool require_verified_email;
int sha_crypt_rounds_ceiling;
int yescrypt_memory_ceiling_kib;

constexpr int kSecondsPerMinute = 60;
constexpr int kSecondsPerDay = 86400;

bool check_api_key_prefix(char** value, void**, GucSource) {
  if (api_keys::prefix_valid(*value)) return true;
  GUC_check_errdetail("The prefix must have 1 to 12 characters of a-z and 0-9.");
  return false;
}

void define_int(const char* name, const char* description, const char* details, int* variable, int initial, int least,
                int most, int unit, GucContext context = PGC_SUSET) {
  DefineCustomIntVariable(name, description, details, variable, initial, least, most, context, unit, nullptr, nullptr,
                          nullptr);
}

}  // namespace

void define_all() {
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
  define_int("gatehouse.bcrypt_cost_ceiling", "The highest cost of a stored bcrypt hash that is verified.",
             "The binary logarithm of the number of rounds.", &bcrypt_cost_ceiling, 14, 4, 31, 0);
  DefineCustomStringVariable("gatehouse.key_file", "The path of the key ring.",
                             "A file of mode 0600, owned by the server's user. Empty: no key ring.", &key_file_value, "",
                             PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
  define_int("gatehouse.max_api_keys_per_user", "The most live API keys of one account.", "0 is no limit.",
             &max_api_keys_per_user, 100, 0, INT_MAX, 0);
  define_int("gatehouse.max_sessions_per_user", "The most live sessions of one account.",
             "The least recently used one ends when another begins. 0 is no limit.", &max_sessions_per_user, 5, 0,
             INT_MAX, 0);
  define_int("gatehouse.password_min_length", "The fewest characters of a new password.", "Counted in code points.",
             &password_min_length_value, 15, 8, 256, 0);
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
  define_int("gatehouse.yescrypt_memory_ceiling", "The most memory that a stored yescrypt hash may ask for.", nullptr,
             &yescrypt_memory_ceiling_kib, 64 * 1024, 1024, 1024 * 1024, GUC_UNIT_KB);
  MarkGUCPrefixReserved("gatehouse");
}

const char* api_key_prefix() { return api_key_prefix_value; }
const char* key_file() { return key_file_value; }
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

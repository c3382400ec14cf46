// The settings `gatehouse.*`. Edge.
//
// They are defined once, when the library is loaded. Those that weaken security are for superusers.
#pragma once

#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"
#include "crypto/password_hash.h"

namespace gatehouse::settings {

void define_all();

std::string_view access_token_audience();  // "": none
std::string_view access_token_issuer();    // "": none
int address_threshold();  // 0: no limit
bool allow_drop();  // the extension with rows in its audit log
const char* api_key_prefix();
int hash_wait_timeout_ms();
const char* key_file();  // "" where no key ring is configured
std::int64_t lockout_duration_us();
int lockout_threshold();  // 0: never
enum class LogParameters { kOthers, kNone, kAll };
LogParameters log_parameters();
int max_concurrent_hashes();
int max_hash_waiters();
int max_standby_staleness_ms();  // 0: no limit
bool password_composition();
int password_min_length();
std::int64_t refresh_grace_us();  // 0: none
std::int64_t refresh_token_idle_us();
shared::Sizes shared_sizes();
bool track_key_usage();
const char* worker_databases();  // names, separated by commas; "" is none
crypto::Argon2Cost argon2_cost();
crypto::HashCeilings hash_ceilings();

}  // namespace gatehouse::settings

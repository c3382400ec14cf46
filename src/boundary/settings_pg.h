// The settings `gatehouse.*`. Edge.
//
// They are defined once, when the library is loaded. Those that weaken security are for superusers.
#pragma once

#include "boundary/server_pg.h"
#include "crypto/password_hash.h"

namespace gatehouse::settings {

void define_all();

const char* api_key_prefix();
const char* key_file();  // "" where no key ring is configured
int password_min_length();
crypto::Argon2Cost argon2_cost();
crypto::HashCeilings hash_ceilings();

}  // namespace gatehouse::settings

// Which statement of this backend must not be kept as it is. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::statement_text {

// A secret has come to one of our functions: by whatever way, the present statement of the client holds it.
void note_secret();

// Whether the text names a function of ours that takes a secret, or executes a prepared statement that does.
bool concerns_us(std::string_view statement);

// Whether the present statement of the client does, or has run one.
bool client_statement_concerns_us();

// The text without its secrets, in the current memory context and with a NUL behind it.
char* masked_copy(std::string_view statement);

// Hook by hook; each goes on to who was there before.
void install_log_hook();
void install_activity_hooks();
void install_utility_hook();

}  // namespace gatehouse::statement_text

// Which statement of this backend must not be kept as it is. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::statement_text {

// A secret has come to one of our functions: by whatever way, the present statement of the client holds it.
void note_secret();

// Whether the text names a function of ours that takes a secret, or executes a prepared statement that does.
bool concerns_us(std::string_view statement);

// Whether the present statement of the client does, or has run one. Its text is looked at once, however many statements it has.
bool client_statement_concerns_us();

// Whether one statement of a text does, which begins at `location` (-1 or 0: at its start) and has `size` bytes (0: the rest).
bool part_concerns_us(const char* text, int location, int size);

// The text without its secrets, in the current memory context and with a NUL behind it.
char* masked_copy(std::string_view statement);

// What was found of the client's statement holds for this text too, which has taken its place.
void looked_at(const char* statement);

// Hides the client's statement in pg_stat_activity where it concerns us: once a message, since each shows its text anew.
void hide_activity();

// Hook by hook; each goes on to who was there before.
void install_log_hook();
void install_activity_hooks();
void install_utility_hook();

}  // namespace gatehouse::statement_text

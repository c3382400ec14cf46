// JSON of somebody whom nothing is known of yet: read without raising, whatever it is. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::sessions {

// A member of the object itself, not of what lies in it.
struct JsonMember {
  std::string_view name;
  bool is_string;
  std::string_view value;  // of a string what it stands for, of a number, true, false and null its text, else empty
};

// Calls `take` with each member, in their order; one name may come more than once. False where the text is no valid JSON object
// in UTF-8, or has more brackets than that: the parser calls itself for each, and raises where the stack ends. Then some
// members may have been taken.
bool read_json_members(std::string_view json, std::size_t most_brackets, void (*take)(void* state, const JsonMember& member),
                       void* state);

}  // namespace gatehouse::sessions

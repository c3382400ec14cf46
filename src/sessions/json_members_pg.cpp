#include "sessions/json_members_pg.h"


namespace gatehouse::sessions {

namespace {

struct Reading {
  void (*take)(void* state, const JsonMember& member);
  void* state;
  int depth;
  const char* name;
  bool is_object;
};

Reading& reading_of(void* state) { return *static_cast<Reading*>(state); }

void tell(const Reading& reading, bool is_string, const char* value) {
  if (reading.depth == 1 && reading.name != nullptr) reading.take(reading.state, {reading.name, is_string, value});
}

server::JsonCallbackResult object_begins(void* state) {
  Reading& reading = reading_of(state);
  tell(reading, false, "");
  if (reading.depth++ == 0) reading.is_object = true;
  return server::json_goes_on();
}

server::JsonCallbackResult array_begins(void* state) {
  Reading& reading = reading_of(state);
  tell(reading, false, "");
  ++reading.depth;
  return server::json_goes_on();
}

server::JsonCallbackResult level_ends(void* state) {
  --reading_of(state).depth;
  return server::json_goes_on();
}

server::JsonCallbackResult member_begins(void* state, char* name, bool) {
  Reading& reading = reading_of(state);
  if (reading.depth == 1) reading.name = name;
  return server::json_goes_on();
}

server::JsonCallbackResult scalar(void* state, char* value, JsonTokenType type) {
  tell(reading_of(state), type == JSON_TOKEN_STRING, value);
  return server::json_goes_on();
}

std::size_t brackets(std::string_view json) {
  std::size_t count = 0;
  for (const char c : json) count += c == '{' || c == '[';
  return count;
}

}  // namespace

bool read_json_members(std::string_view json, std::size_t most_brackets, void (*take)(void* state, const JsonMember& member),
                       void* state) {
  if (brackets(json) > most_brackets) return false;
  if (!pg_verify_mbstr(PG_UTF8, json.data(), static_cast<int>(json.size()), true)) return false;
  Reading reading = {.take = take, .state = state, .depth = 0, .name = nullptr, .is_object = false};
  JsonSemAction actions = {};
  actions.semstate = &reading;
  actions.object_start = object_begins;
  actions.object_end = level_ends;
  actions.array_start = array_begins;
  actions.array_end = level_ends;
  actions.object_field_start = member_begins;
  actions.scalar = scalar;
  return pg_parse_json(server::json_lexer(json), &actions) == JSON_SUCCESS && reading.is_object;
}

}  // namespace gatehouse::sessions

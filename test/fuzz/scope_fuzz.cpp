// Scopes: three lines, each held and asked for. Covering is what the grammar says, reflexive, transitive,
// antisymmetric.
#include <array>
#include <string>

#include "api_keys/scope.h"
#include "input.h"

using gatehouse::api_keys::scope_covers;
using gatehouse::api_keys::scope_valid;
using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;

namespace {

bool is_part(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text[0] >= 'a' && text[0] <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") == std::string_view::npos;
}

struct Scope {
  bool valid;
  bool has_action;
  std::string_view action;
  std::string_view resource;
};

Scope read(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {is_part(text), false, {}, text};
  const std::string_view action = text.substr(0, colon);
  const std::string_view resource = text.substr(colon + 1);
  return {is_part(action) && (resource == "*" || is_part(resource)), true, action, resource};
}

bool covers(const Scope& held, const Scope& asked) {
  if (!held.valid || !asked.valid || held.has_action != asked.has_action || held.action != asked.action) return false;
  return held.resource == asked.resource || (held.has_action && held.resource == "*");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::array<std::string_view, 3> scopes{input.line(), input.line(), input.line()};
  for (const std::string_view a : scopes) {
    require(scope_valid(a) == read(a).valid, "a scope is what the grammar says");
    require(scope_covers(a, a) == scope_valid(a), "every scope covers itself, and nothing else covers at all");
    for (const std::string_view b : scopes) {
      require(scope_covers(a, b) == covers(read(a), read(b)), "covering is what the grammar says");
      if (scope_covers(a, b) && scope_covers(b, a)) require(a == b, "two that cover each other are one");
      for (const std::string_view c : scopes) {
        if (scope_covers(a, b) && scope_covers(b, c)) require(scope_covers(a, c), "covering is transitive");
      }
    }
    if (scope_valid(a)) {
      const Scope scope = read(a);
      if (scope.has_action)
        require(scope_covers(std::string(scope.action) + ":*", a), "the wildcard covers its action");
    }
  }
  return 0;
}

#include "api_keys/scope.h"

namespace gatehouse::api_keys {

namespace {

constexpr std::size_t kMaxPartSize = 64;

bool part_valid(std::string_view part) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (part.empty() || part.size() > kMaxPartSize || !letter(part.front())) return false;
  for (const char c : part) {
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.') return false;
  }
  return true;
}

}  // namespace

bool scope_valid(std::string_view scope) noexcept {
  const std::size_t colon = scope.find(':');
  if (colon == std::string_view::npos) return part_valid(scope);
  const std::string_view resource = scope.substr(colon + 1);
  return part_valid(scope.substr(0, colon)) && (resource == "*" || part_valid(resource));
}

bool scope_covers(std::string_view held, std::string_view required) noexcept {
  // What is no scope is never covered and covers nothing, or "x:*" would cover "x:" and "x:a:b".
  if (!scope_valid(held) || !scope_valid(required)) return false;
  if (held == required) return true;
  if (held.back() != '*') return false;
  held.remove_suffix(1);
  return required.substr(0, held.size()) == held;
}

}  // namespace gatehouse::api_keys

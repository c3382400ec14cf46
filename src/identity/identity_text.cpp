#include "identity/identity_text.h"

#include <algorithm>

#include "api_keys/scope.h"

namespace gatehouse::identity {

namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr std::array<OptionalId Parties::*, 4> kIds = {&Parties::user, &Parties::impersonator, &Parties::api_key,
                                                       &Parties::session};

char* write_id(const OptionalId& id, char* at) {
  if (!id.present) {
    *at++ = '-';
    return at;
  }
  for (const unsigned char byte : id.bytes) {
    *at++ = kDigits[byte >> 4];
    *at++ = kDigits[byte & 15];
  }
  return at;
}

// The value of a digit, -1 of what is none.
int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parse_id(std::string_view text, OptionalId& into) {
  into = {};
  if (text == "-") return true;
  if (text.size() != 2 * into.bytes.size()) return false;
  for (std::size_t i = 0; i < into.bytes.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    into.bytes[i] = static_cast<unsigned char>(high << 4 | low);
  }
  into.present = true;
  return true;
}

bool scopes_valid(std::string_view scopes) {
  std::size_t count = 0;
  while (!scopes.empty()) {
    if (scopes.back() == ' ' || ++count > kMostScopes || !api_keys::scope_valid(next_scope(scopes))) return false;
  }
  return true;
}

}  // namespace

std::size_t write(const Identity& identity, std::span<char> into) noexcept {
  const std::string_view scopes = identity.is_restricted ? identity.scopes : std::string_view{"*"};
  if (scopes.size() > kMostScopesSize || into.size() < kMostTextSize) return 0;
  char* at = into.data();
  for (const auto id : kIds) {
    at = write_id(identity.parties.*id, at);
    *at++ = ' ';
  }
  at = std::copy(scopes.begin(), scopes.end(), at);
  return static_cast<std::size_t>(at - into.data());
}

bool parse(std::string_view text, Identity& into) noexcept {
  for (const auto id : kIds) {
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos || !parse_id(text.substr(0, blank), into.parties.*id)) return false;
    text.remove_prefix(blank + 1);
  }
  into.is_restricted = text != "*";
  into.scopes = into.is_restricted ? text : std::string_view{};
  return scopes_valid(into.scopes);
}

std::string_view next_scope(std::string_view& scopes) noexcept {
  const std::size_t blank = scopes.find(' ');
  const std::string_view first = scopes.substr(0, blank);
  scopes.remove_prefix(blank == std::string_view::npos ? scopes.size() : blank + 1);
  return first;
}

}  // namespace gatehouse::identity

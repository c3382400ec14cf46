// Who a transaction acts for, as the text that carries it. Core.
//
//   <user> <impersonator> <API key> <session> <* or scopes, by blanks>
//
// Each of the four is 32 hexadecimal digits, or "-" where there is none. `*` is no restriction; no scope contains it
// alone. A key without scopes ends with the blank. Nobody reads the text but parse(): it goes to parallel workers,
// never to a client.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::identity {

struct OptionalId {
  bool present;
  std::array<unsigned char, 16> bytes;
};

struct Parties {
  OptionalId user;          // none of a service key
  OptionalId impersonator;  // whose sign-in it was, where somebody acts in the user's name
  OptionalId api_key;
  OptionalId session;
};

// `scopes` are separated by single blanks; they say nothing where the sign-in is not restricted to scopes.
struct Identity {
  Parties parties;
  bool is_restricted;
  std::string_view scopes;
};

inline constexpr std::size_t kMostScopes = 100;
inline constexpr std::size_t kMostScopeSize = 129;
inline constexpr std::size_t kMostScopesSize = kMostScopes * (kMostScopeSize + 1);
inline constexpr std::size_t kMostTextSize = 4 * 33 + kMostScopesSize;

// Writes the text and gives its size; 0 where it does not fit.
std::size_t write(const Identity& identity, std::span<char> into) noexcept;

// False where the text is not one that write() gives. `into.scopes` points into the text.
bool parse(std::string_view text, Identity& into) noexcept;

// Takes the first scope off, empty after the last.
std::string_view next_scope(std::string_view& scopes) noexcept;

}  // namespace gatehouse::identity

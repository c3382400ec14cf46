// What a new password must be, and the form in which blocked passwords are compared. Core.
//
// Texts come in Unicode normal form NFC, passwords of 1..crypto::kMaxPasswordBytes bytes. Folded is what is in lower
// case by the simple mappings of UnicodeData.txt, for the alphabets that password_folding knows; it depends on no
// locale, so that a digest means the same on every server.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "boundary/outcome.h"

namespace gatehouse::accounts {

// The floor of gatehouse.password_min_length: what no policy goes below.
inline constexpr std::int64_t kLeastPasswordLength = 8;

struct PasswordRules {
  std::int64_t min_length;  // in code points
  bool composition;         // an upper-case and a lower-case letter, a digit from 0 to 9 and a symbol
};

// Whose password it is to be; an empty text is none.
struct Owner {
  std::string_view email;
  std::string_view username;
};

// kPasswordTooShort; kPasswordLacks, its subject what is missing; kPasswordOwnName; kPasswordRegular, one piece of up
// to 4 code points repeated, or a run along the alphabet, the digits or the keyboard; kPasswordBlocked. Throws
// std::bad_alloc.
Result<Done> check_password(std::string_view password, const Owner& owner, const PasswordRules& rules);

using BlockedDigest = std::array<unsigned char, 16>;

// BLAKE2b-128 (RFC 7693) of the folded password, without a key: the list outlives key rings. Throws std::bad_alloc.
BlockedDigest blocked_password_digest(std::string_view password);

}  // namespace gatehouse::accounts

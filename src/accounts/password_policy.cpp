#include "accounts/password_policy.h"

#include <sodium.h>

#include <algorithm>
#include <span>

#include "accounts/frequent_passwords.h"
#include "accounts/password_folding.h"
#include "crypto/password_hash.h"

namespace gatehouse::accounts {

namespace {

using Characters = std::span<const char32_t>;

static_assert(std::is_sorted(std::begin(kFrequentPasswords), std::end(kFrequentPasswords)));

// By the kinds that are missing: 1 upper case, 2 lower case, 4 digit, 8 symbol.
constexpr std::array<const char*, 16> kMissing = {
    "",
    "an upper-case letter",
    "a lower-case letter",
    "an upper-case letter and a lower-case letter",
    "a digit",
    "an upper-case letter and a digit",
    "a lower-case letter and a digit",
    "an upper-case letter, a lower-case letter and a digit",
    "a symbol",
    "an upper-case letter and a symbol",
    "a lower-case letter and a symbol",
    "an upper-case letter, a lower-case letter and a symbol",
    "a digit and a symbol",
    "an upper-case letter, a digit and a symbol",
    "a lower-case letter, a digit and a symbol",
    "an upper-case letter, a lower-case letter, a digit and a symbol",
};

std::size_t missing_kinds(Characters password) {
  std::size_t missing = 15;
  for (const char32_t c : password) {
    const CharacterKind kind = kind_of(c);
    if (kind != CharacterKind::kOther) missing &= ~(std::size_t{1} << static_cast<std::size_t>(kind));
  }
  return missing;
}

// What a password may hold, but not consist of.
constexpr std::size_t kLeastNameLength = 3;

// Marks every place of the password that an occurrence of the name covers, also where occurrences overlap.
void mark(Characters password, Characters name, std::span<char> covered) {
  if (name.size() < kLeastNameLength) return;
  auto from = password.begin();
  while ((from = std::search(from, password.end(), name.begin(), name.end())) != password.end()) {
    std::fill_n(covered.begin() + (from - password.begin()), name.size(), 1);
    ++from;
  }
}

// No name of more bytes than a password may have can occur in one.
std::string_view bounded(std::string_view name) {
  return name.size() > crypto::kMaxPasswordBytes ? std::string_view{} : name;
}

std::int64_t length_without_names(Characters password, const Owner& owner) {
  const CodePoints email = CodePoints::decode_folded(bounded(owner.email));
  const CodePoints username = CodePoints::decode_folded(bounded(owner.username));
  const Characters address = email.values();
  const Characters local_part =
      address.first(static_cast<std::size_t>(std::find(address.begin(), address.end(), U'@') - address.begin()));
  crypto::SecretBuffer covered(password.size());
  for (const Characters name : {address, local_part, username.values()})
    mark(password, name, {covered.data(), covered.size()});
  return std::count(covered.data(), covered.data() + covered.size(), 0);
}

constexpr std::size_t kLongestPiece = 4;

bool repeats_a_piece(Characters password) {
  for (std::size_t piece = 1; piece <= kLongestPiece && piece < password.size(); ++piece) {
    if (std::equal(password.begin() + static_cast<std::ptrdiff_t>(piece), password.end(), password.begin()))
      return true;
  }
  return false;
}

// Each goes on at its start where it ends.
constexpr std::string_view kRows[] = {
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "!@#$%^&*()",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmik,ol.p;/",
};

// Whether the password goes along the row, from wherever it begins, in steps of 1 forwards or, with `back`, backwards.
bool goes_along(Characters password, std::string_view row, bool back) {
  for (std::size_t start = 0; start < row.size(); ++start) {
    const auto at = [&](std::size_t i) {
      const std::size_t offset = i % row.size();
      return static_cast<char32_t>(row[(start + (back ? row.size() - offset : offset)) % row.size()]);
    };
    std::size_t i = 0;
    while (i < password.size() && password[i] == at(i)) ++i;
    if (i == password.size()) return true;
  }
  return false;
}

bool counts(Characters password, char32_t step) {
  return std::adjacent_find(password.begin(), password.end(), [&](char32_t a, char32_t b) { return b != a + step; }) ==
         password.end();
}

bool is_run(Characters password) {
  constexpr char32_t kOneBack = ~char32_t{0};
  if (counts(password, 1) || counts(password, kOneBack)) return true;
  return std::any_of(std::begin(kRows), std::end(kRows), [&](std::string_view row) {
    return goes_along(password, row, false) || goes_along(password, row, true);
  });
}

}  // namespace

Result<Done> check_password(std::string_view password, const Owner& owner, const PasswordRules& rules) {
  const CodePoints given = CodePoints::decode(password);
  if (static_cast<std::int64_t>(given.values().size()) < rules.min_length)
    return Refusal{Fault::kPasswordTooShort, rules.min_length};
  if (rules.composition) {
    if (const std::size_t missing = missing_kinds(given.values()))
      return Refusal{Fault::kPasswordLacks, 0, kMissing[missing]};
  }
  const CodePoints folded = CodePoints::decode_folded(password);
  if (length_without_names(folded.values(), owner) < kLeastPasswordLength) {
    return Refusal{Fault::kPasswordOwnName, kLeastPasswordLength};
  }
  if (repeats_a_piece(folded.values()) || is_run(folded.values())) return Fault::kPasswordRegular;
  const crypto::SecretBuffer text = folded.encode();
  if (std::binary_search(std::begin(kFrequentPasswords), std::end(kFrequentPasswords), text.view()))
    return Fault::kPasswordBlocked;
  return Done{};
}

BlockedDigest blocked_password_digest(std::string_view password) {
  const crypto::SecretBuffer folded = CodePoints::decode_folded(password).encode();
  BlockedDigest digest;
  crypto_generichash_blake2b(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(folded.data()),
                             folded.size(), nullptr, 0);
  return digest;
}

}  // namespace gatehouse::accounts

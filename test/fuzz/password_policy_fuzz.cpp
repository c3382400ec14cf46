// New passwords: a byte for the rules, a line each for password, e-mail address and username. Of ASCII the verdict is
// what the rules say, worked out plainly. Without composition it depends on no case of ASCII, and digests are equal
// just where folded texts are.
#include <algorithm>
#include <string>
#include <vector>

#include "accounts/password_folding.h"
#include "accounts/password_policy.h"
#include "crypto/password_hash.h"
#include "input.h"

using gatehouse::Fault;
using gatehouse::accounts::blocked_password_digest;
using gatehouse::accounts::check_password;
using gatehouse::accounts::CodePoints;
using gatehouse::accounts::Owner;
using gatehouse::accounts::PasswordRules;
using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string other_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (is_letter(c)) c = static_cast<char>(c ^ 0x20);
  }
  return result;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return result;
}

bool mixed(std::string_view text) {
  const auto any = [&](auto kind) { return std::any_of(text.begin(), text.end(), kind); };
  return any([](char c) { return c >= 'A' && c <= 'Z'; }) && any([](char c) { return c >= 'a' && c <= 'z'; }) &&
         any([](char c) { return c >= '0' && c <= '9'; }) &&
         any([](char c) { return c >= ' ' && c <= '~' && !is_letter(c) && !(c >= '0' && c <= '9'); });
}

// Whether place `at` lies within an occurrence of the name.
bool covered(const std::string& text, const std::string& name, std::size_t at) {
  if (name.size() < 3 || name.size() > text.size()) return false;
  for (std::size_t start = at >= name.size() ? at - name.size() + 1 : 0; start <= at; ++start) {
    if (text.compare(start, name.size(), name) == 0) return true;
  }
  return false;
}

std::size_t without_names(const std::string& text, const std::vector<std::string>& names) {
  std::size_t left = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (std::none_of(names.begin(), names.end(), [&](const std::string& name) { return covered(text, name, at); }))
      ++left;
  }
  return left;
}

bool is_piece_repeated(const std::string& text) {
  for (std::size_t size = 1; size <= 4; ++size) {
    std::string built;
    while (built.size() < text.size()) built += text.substr(0, size);
    if (built.substr(0, text.size()) == text) return true;
  }
  return false;
}

void check_ascii(Fault fault, std::string_view password, const Owner& owner, const PasswordRules& rules) {
  const std::string text = lower(password);
  const std::string email = lower(owner.email);
  const bool too_short = text.size() < static_cast<std::size_t>(rules.min_length);
  require(too_short == (fault == Fault::kPasswordTooShort), "too short is what has fewer characters");
  if (too_short) return;
  const bool lacks = rules.composition && !mixed(password);
  require(lacks == (fault == Fault::kPasswordLacks), "a mixed password has all four kinds");
  if (lacks) return;
  const bool own = without_names(text, {email, email.substr(0, email.find('@')), lower(owner.username)}) < 8;
  require(own == (fault == Fault::kPasswordOwnName), "without the owner's names eight characters are left");
  if (own) return;
  if (is_piece_repeated(text)) require(fault == Fault::kPasswordRegular, "no short piece is repeated");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t choice = input.byte();
  const PasswordRules rules = {.min_length = 8 + choice % 16, .composition = (choice & 0x80) != 0};
  const std::string_view password = input.line().substr(0, gatehouse::crypto::kMaxPasswordBytes);
  const std::string_view email = input.line();
  const Owner owner = {email, input.line()};

  const Fault fault = check_password(password, owner, rules).refusal.fault;
  if (is_ascii(password) && is_ascii(owner.email) && is_ascii(owner.username))
    check_ascii(fault, password, owner, rules);

  const std::string swapped = other_case(password);
  const std::string swapped_email = other_case(owner.email);
  const std::string swapped_username = other_case(owner.username);
  const PasswordRules unmixed = {.min_length = rules.min_length, .composition = false};
  require(check_password(swapped, {swapped_email, swapped_username}, unmixed).refusal.fault ==
              check_password(password, owner, unmixed).refusal.fault,
          "without composition case makes no difference");

  const auto folded = CodePoints::decode_folded(password).encode();
  require(blocked_password_digest(swapped) == blocked_password_digest(password), "the digest is of the folded text");
  require(blocked_password_digest(folded.view()) == blocked_password_digest(password), "folding twice is folding once");
  require((blocked_password_digest(owner.email) == blocked_password_digest(password)) ==
              (CodePoints::decode_folded(owner.email).encode().view() == folded.view()),
          "other texts have other digests");
  require(CodePoints::decode(folded.view()).values().size() == CodePoints::decode(password).values().size(),
          "folding keeps the number of code points");
  return 0;
}

#include "statement_text/statement_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "statement_text/secret_functions.h"

namespace gatehouse::statement_text {

namespace {

constexpr std::size_t kLeastName = 6;
constexpr std::size_t kMostName = 25;
static_assert(std::ranges::is_sorted(kSecretFunctions));
static_assert(std::ranges::all_of(kSecretFunctions, [](std::string_view name) {
  return name.size() >= kLeastName && name.size() <= kMostName;
}));

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_word(char c) { return is_letter(c) || is_digit(c); }
constexpr bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_word(text[at]) || text[at] == '$')) ++at;
  return at;
}

bool equals_lower(std::string_view word, std::string_view name) {
  return word.size() == name.size() &&
         std::equal(word.begin(), word.end(), name.begin(), [](char a, char b) { return lower(a) == b; });
}

bool is_secret_function(std::string_view word) {
  if (word.size() < kLeastName || word.size() > kMostName) return false;
  return std::ranges::any_of(kSecretFunctions, [&](std::string_view name) { return equals_lower(word, name); });
}

// Whether a name stands at the end of the text, before what may be its arguments: a parenthesis, or a comment before it. Between
// them may be the end of quotes (escaped, where the name is in a literal) and blanks.
bool ends_with_secret_function(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && (is_blank(text[end - 1]) || text[end - 1] == '"' || text[end - 1] == '\\')) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin <= kMostName && is_word(text[begin - 1])) --begin;
  // A number may be stuck to it.
  while (begin < end && is_digit(text[begin])) ++begin;
  return is_secret_function(text.substr(begin, end - begin));
}

// The end of a quoted string that begins at the mark; behind its closing mark, or the end of the text. Two marks in a row are one
// mark of the string; a backslash escapes where the string has escapes.
std::size_t end_of_quoted(std::string_view text, std::size_t at, bool escapes) {
  const char mark = text[at];
  for (++at; at < text.size(); ++at) {
    if (escapes && text[at] == '\\') {
      ++at;
    } else if (text[at] == mark) {
      if (at + 1 >= text.size() || text[at + 1] != mark) return at + 1;
      ++at;
    }
  }
  return text.size();
}

std::size_t end_of_comment(std::string_view text, std::size_t at) {
  if (text[at] == '-') return std::min(text.find_first_of("\r\n", at), text.size());
  std::size_t depth = 0;
  for (; at + 1 < text.size(); ++at) {
    if (text[at] == '/' && text[at + 1] == '*') {
      ++depth;
      ++at;
    } else if (text[at] == '*' && text[at + 1] == '/') {
      ++at;
      if (--depth == 0) return at + 1;
    }
  }
  return text.size();
}

bool begins_comment(std::string_view text, std::size_t at) {
  const std::string_view two = text.substr(at, 2);
  return two == "--" || two == "/*";
}

// The size of `$tag$` at this place; 0 where there is none.
std::size_t dollar_tag(std::string_view text, std::size_t at) {
  if (text[at] != '$') return 0;
  std::size_t end = at + 1;
  if (end < text.size() && is_digit(text[end])) return 0;
  while (end < text.size() && is_word(text[end])) ++end;
  return end < text.size() && text[end] == '$' ? end + 1 - at : 0;
}

// Whether the quoted identifier is part of a qualified name or a function's: else it may be a literal in the wrong quotes.
bool is_name(std::string_view text, std::size_t at) {
  std::size_t next = end_of_quoted(text, at, false);
  while (next < text.size() && is_blank(text[next])) ++next;
  while (at > 0 && is_blank(text[at - 1])) --at;
  return (next < text.size() && (text[next] == '.' || text[next] == '(')) || (at > 0 && text[at - 1] == '.');
}

// Whether the string that begins at the mark is one with escapes: E'...', where the E is a word of its own.
bool has_escapes(std::string_view text, std::size_t at) {
  return at > 0 && lower(text[at - 1]) == 'e' && (at < 2 || !(is_word(text[at - 2]) || text[at - 2] == '$'));
}

// A token of a statement that is hidden: between `inner` and `inner_end`. Its whole ends at `end`.
struct Hidden {
  std::size_t inner;
  std::size_t inner_end;
  std::size_t end;
  bool literal;  // else a comment
};

// What begins at `at`, if it is to be hidden; end is 0 where it isn't.
Hidden hidden_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '\'') {
    const bool escapes = has_escapes(text, at);
    const std::size_t end = end_of_quoted(text, at, escapes);
    const bool closed = end - at >= 2 && text[end - 1] == '\'';
    // No string is followed by a word at once: this one ends within a secret that has a quotation mark.
    if (closed && end < text.size() && is_word(text[end])) return {at + 1, text.size(), text.size(), true};
    // Whether a plain string has escapes depends on standard_conforming_strings: where it does, a mark behind a backslash does not
    // end it. Then nobody knows what is within quotes from here on.
    if (!escapes && text.substr(at + 1, end - at - 1).find("\\'") != std::string_view::npos) {
      return {at + 1, text.size(), text.size(), true};
    }
    return {at + 1, closed ? end - 1 : end, end, true};
  }
  if (c == '"' && !is_name(text, at)) {
    const std::size_t end = end_of_quoted(text, at, false);
    const bool closed = end - at >= 2 && text[end - 1] == '"';
    return {at + 1, closed ? end - 1 : end, end, true};
  }
  if (const std::size_t size = dollar_tag(text, at); size != 0) {
    const std::string_view tag = text.substr(at, size);
    const std::size_t close = text.find(tag, at + size);
    if (close == std::string_view::npos) return {at + size, text.size(), text.size(), true};
    return {at + size, close, close + size, true};
  }
  if (begins_comment(text, at)) {
    const std::size_t end = end_of_comment(text, at);
    const bool closed = c == '/' && end - at >= 4 && text.substr(end - 2, 2) == "*/";
    return {at + 2, closed ? end - 2 : end, end, false};
  }
  return {};
}

// What parts a text that is hidden into pieces; all else may be part of a secret.
constexpr bool keeps_form(char c) {
  return is_blank(c) || std::string_view("'\"$,;:.=()[]{}").find(c) != std::string_view::npos;
}

void hide(std::span<char> characters) {
  for (char& c : characters) {
    if (c != '\n') c = '*';
  }
}

// Behind what is no literal: a word, a quoted identifier, or one character.
std::size_t skip(std::string_view text, std::size_t at) {
  if (text[at] == '"') return end_of_quoted(text, at, false);
  return is_letter(text[at]) ? end_of_word(text, at) : at + 1;
}

std::string_view view(std::span<const char> text) { return {text.data(), text.size()}; }

// Whether the last quotation mark or dollar quote of the text is not closed.
bool ends_in_quotes(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = text[at] == '\'' ? 1 : dollar_tag(text, at);
    if (size == 0) {
      ++at;
      continue;
    }
    const std::size_t close = text.find(text.substr(at, size), at + size);
    if (close == std::string_view::npos) return true;
    at = close + size;
  }
  return false;
}

// Hides each place in `text` where `literal` stands.
void hide_each(std::span<char> text, std::string_view literal) {
  for (std::size_t found = view(text).find(literal); found != std::string_view::npos; found = view(text).find(literal, found)) {
    hide(text.subspan(found, literal.size()));
    found += literal.size();
  }
}

// Quotation marks of PostgreSQL's translations, in UTF-8. Those that Latin alphabets of one byte have are the last bytes of theirs.
constexpr std::string_view kForeignMarks[] = {"\u00AB", "\u00BB", "\u2018", "\u2019", "\u201C", "\u201D", "\u201E", "\u2039", "\u203A",
                                              "\u300C", "\u300D", "\u300E", "\u300F", "\xAB",   "\xBB"};

struct Mark {
  std::size_t at;
  std::size_t size;  // 0 where there is none
};

// The first mark from `at` on.
Mark next_mark(std::string_view text, std::size_t at, bool foreign_only) {
  for (; at < text.size(); ++at) {
    if (text[at] == '"' && !foreign_only) return {at, 1};
    if ((text[at] & 0x80) == 0) continue;
    for (const std::string_view mark : kForeignMarks) {
      if (text.substr(at, mark.size()) == mark) return {at, mark.size()};
    }
  }
  return {text.size(), 0};
}

// Hides between the first and the last mark; to the end where there is only one, or only one that is double.
void hide_within_marks(std::span<char> text, bool foreign_only, std::size_t least) {
  const Mark first = next_mark(view(text), 0, foreign_only);
  if (first.size == 0) return;
  const std::size_t begin = first.at + first.size;
  std::size_t end = text.size();
  for (Mark next = next_mark(view(text), begin, foreign_only); next.size != 0;
       next = next_mark(view(text), next.at + next.size, foreign_only)) {
    end = next.at;
  }
  // Of the marks of other languages some are bytes of letters: they say nothing of the end.
  if (!foreign_only && std::ranges::count(text, '"') == 1) end = text.size();
  if (end - begin >= least) hide(text.subspan(begin, end - begin));
}

bool holds(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

constexpr bool pads_quoted(char c) { return is_blank(c) || c == '\xC2' || c == '\xA0'; }

}  // namespace

bool begins_with(std::string_view statement, std::string_view word) noexcept {
  std::size_t at = 0;
  while (at < statement.size() && (is_blank(statement[at]) || begins_comment(statement, at))) {
    at = is_blank(statement[at]) ? at + 1 : end_of_comment(statement, at);
  }
  return equals_lower(statement.substr(at, end_of_word(statement, at) - at), word);
}

bool names_secret_function(std::string_view text) noexcept {
  // Every statement of every function is looked at, so the rare character is looked for and not each word.
  for (const char opener : {'(', '/', '-'}) {
    for (std::size_t at = text.find(opener); at != std::string_view::npos; at = text.find(opener, at + 1)) {
      if (ends_with_secret_function(text.substr(0, at))) return true;
    }
  }
  // U&"..." can spell any name.
  for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
    if (at > 0 && lower(text[at - 1]) == 'u' && text.substr(at + 1, 1) == "\"" && (at == 1 || !is_letter(text[at - 2]))) return true;
  }
  return false;
}

std::string_view next_executed(std::string_view text, std::size_t& at) noexcept {
  constexpr std::string_view kExecute = "execute";
  std::size_t small = text.find('x', at);
  std::size_t capital = text.find('X', at);
  while (std::min(small, capital) != std::string_view::npos) {
    const std::size_t found = std::min(small, capital);
    (found == small ? small : capital) = text.find(text[found], found + 1);
    const std::size_t begin_of_word = found - std::min<std::size_t>(found, 1);
    const std::size_t end = begin_of_word + kExecute.size();
    if (begin_of_word < at || !equals_lower(text.substr(begin_of_word, kExecute.size()), kExecute)) continue;
    if ((begin_of_word > 0 && is_letter(text[begin_of_word - 1])) || end_of_word(text, end) != end) continue;
    at = end;
    while (at < text.size() && (is_blank(text[at]) || begins_comment(text, at))) {
      at = is_blank(text[at]) ? at + 1 : end_of_comment(text, at);
    }
    if (at >= text.size()) break;
    const std::size_t begin = at;
    if (text[at] == '"') {
      at = end_of_quoted(text, at, false);
      return text.substr(begin + 1, at - begin >= 2 ? at - begin - 2 : 0);
    }
    at = end_of_word(text, at);
    if (at > begin) return text.substr(begin, at - begin);
  }
  at = text.size();
  return {};
}

void mask_literals(std::span<char> statement) noexcept {
  const std::string_view text = view(statement);
  for (std::size_t at = 0; at < text.size();) {
    const Hidden hidden = hidden_at(text, at);
    if (hidden.end != 0) {
      // Found before it is hidden: the closing mark must still be seen.
      hide(statement.subspan(hidden.inner, hidden.inner_end - hidden.inner));
      at = hidden.end;
    } else if (is_digit(text[at])) {
      while (at < text.size() && is_word(text[at])) {
        statement[at] = '0';
        ++at;
      }
    } else if (is_letter(text[at])) {
      at = skip(text, at);
    } else if (text[at] == '$') {
      // A parameter's number is no secret, and what follows is no part of it.
      ++at;
      while (at < text.size() && is_digit(text[at])) ++at;
    } else {
      at = skip(text, at);
    }
  }
}

void mask_between_quotes(std::span<char> text) noexcept {
  const auto is_mark = [](char c) { return c == '\'' || c == '$'; };
  const auto first = std::find_if(text.begin(), text.end(), is_mark);
  if (first == text.end()) return;
  const auto last = std::find_if(text.rbegin(), text.rend(), is_mark).base();
  // A string that isn't closed, of a text that was cut, reaches to the end; the marks themselves tell nothing, and keep the form.
  const bool open = ends_in_quotes(view(text).substr(static_cast<std::size_t>(first - text.begin())));
  const auto end = open || std::count(first, last, *first) == 1 ? text.end() : last;
  for (auto at = first + 1; at < end; ++at) {
    if (!keeps_form(*at)) *at = '*';
  }
}

void mask_bound_values(std::span<char> text) noexcept {
  constexpr std::string_view kBegin = " = '";
  for (std::size_t at = view(text).find('$'); at < text.size(); at = view(text).find('$', at)) {
    const std::size_t behind_number = end_of_word(view(text), at + 1);
    const bool bound = behind_number > at + 1 && view(text).substr(behind_number, kBegin.size()) == kBegin;
    at = behind_number;
    if (!bound) continue;
    const std::size_t begin = behind_number + kBegin.size();
    at = end_of_quoted(view(text), begin - 1, false);
    const bool closed = at > begin && text[at - 1] == '\'';
    hide(text.subspan(begin, at - begin - (closed ? 1 : 0)));
  }
}

void mask_quoted_value(std::span<char> message) noexcept {
  const std::string_view text = view(message);
  constexpr std::string_view kBefore[] = {": \"", "value \""};
  std::array<std::size_t, std::size(kBefore)> found;
  // Found before anything is hidden: a value may hold what stands before another one.
  std::ranges::transform(kBefore, found.begin(), [&](std::string_view before) { return text.find(before); });
  const std::size_t end = text.rfind('"');
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == std::string_view::npos) continue;
    const std::size_t begin = found[i] + kBefore[i].size();
    hide(message.subspan(begin, end >= begin ? end - begin : text.size() - begin));
  }
  hide_within_marks(message, true, 1);
}

void mask_all_quoted(std::span<char> text) noexcept { hide_within_marks(text, false, 2); }

void mask_behind_colons(std::span<char> text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(view(text).find('\n', at), text.size());
    const std::size_t colon = view(text).substr(0, end).find(": ", at);
    if (colon != std::string_view::npos) hide(text.subspan(colon + 2, end - colon - 2));
    at = end + 1;
  }
}

void mask_quoted_parts_of(std::span<char> text, std::string_view statement, std::string_view masked) noexcept {
  // Each part is looked for in all of the statement: both are cut to what makes that a bounded work, and what can't be told is hidden.
  constexpr std::size_t kMostStatement = 64 * 1024;
  constexpr std::size_t kMostPart = 64;
  constexpr int kMostParts = 32;
  int parts = 0;
  for (Mark mark = next_mark(view(text), 0, false); mark.size != 0;) {
    std::size_t begin = mark.at + mark.size;
    mark = next_mark(view(text), begin, false);
    std::size_t end = mark.at;
    while (begin < end && pads_quoted(text[begin])) ++begin;
    while (begin < end && pads_quoted(text[end - 1])) --end;
    if (begin == end) continue;
    const std::string_view part = view(text).substr(begin, std::min(end - begin, kMostPart));
    const bool tellable = statement.size() <= kMostStatement && ++parts <= kMostParts;
    if (!tellable || (holds(statement, part) && !holds(masked, part))) hide(text.subspan(begin, end - begin));
  }
}

void mask_literals_of(std::span<char> text, std::string_view statement) noexcept {
  constexpr std::size_t kLeast = 6;
  // Each literal is looked for in all of the text: both are cut to what makes that a bounded work.
  constexpr std::size_t kMostStatement = 64 * 1024;
  constexpr int kMostLiterals = 256;
  statement = statement.substr(0, kMostStatement);
  int literals = 0;
  const auto look_for = [&](std::string_view literal) {
    if (literal.size() < kLeast || literals >= kMostLiterals) return;
    ++literals;
    hide_each(text, literal);
  };
  // What is between marks, each by itself. Behind a backslash a character may stand for another one.
  const auto look_for_pieces = [&](std::string_view literal, std::string_view marks) {
    for (std::size_t begin = 0; begin < literal.size();) {
      const std::size_t end = std::min(literal.find_first_of(marks, begin), literal.size());
      look_for(literal.substr(begin, end - begin));
      begin = end + 1 + (end < literal.size() && literal[end] == '\\' ? 1 : 0);
    }
  };
  for (std::size_t at = 0; at < statement.size() && literals < kMostLiterals;) {
    const Hidden hidden = hidden_at(statement, at);
    if (hidden.end == 0) {
      at = skip(statement, at);
      continue;
    }
    at = hidden.end;
    if (!hidden.literal) continue;
    const std::string_view literal = statement.substr(hidden.inner, hidden.inner_end - hidden.inner);
    look_for(literal);
    // Then a message shows it in another form, or it is all the rest of a statement of which nobody knows what is within quotes.
    if (literal.find_first_of("'\\") != std::string_view::npos) {
      look_for_pieces(literal, "'");
      look_for_pieces(literal, "'\\\"$");
    }
  }
}

}  // namespace gatehouse::statement_text

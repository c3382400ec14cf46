// Secrets in the text of statements: a statement, and behind a NUL the message of a report. What the server takes for a
// literal or a comment is hidden, whatever standard_conforming_strings says; every name of a secret function is
// noticed; texts keep their length and their lines.
#include <string>

#include "input.h"
#include "sql_lexer.h"
#include "statement_text/secret_functions.h"
#include "statement_text/statement_text.h"

using gatehouse::fuzz::literals_and_comments;
using gatehouse::fuzz::require;
namespace statement_text = gatehouse::statement_text;

namespace {

bool word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool all_hidden(std::string_view text) { return text.find_first_not_of("*\n") == std::string_view::npos; }

// Whether what was found is hidden. Of what isn't closed, a mark at the end of the text may stay.
bool is_hidden(std::string_view text, const gatehouse::fuzz::Lexed& lexed) {
  std::string_view inner = text.substr(lexed.begin, lexed.end - lexed.begin);
  if (lexed.end == text.size()) inner = inner.substr(0, inner.find_last_not_of("'\"/") + 1);
  return all_hidden(inner);
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Each place where a name stands as a word with a parenthesis behind it.
bool calls_secret_function(const std::string& lower) {
  for (const std::string_view name : statement_text::kSecretFunctions) {
    for (std::size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      if ((at > 0 && word(lower[at - 1])) || (end < lower.size() && word(lower[end]))) continue;
      const std::size_t next = lower.find_first_not_of(" \t\n\r\f\v\"", end);
      if (next != std::string::npos && lower[next] == '(') return true;
    }
  }
  return false;
}

// The copy is exactly as large as the text, so that an address sanitizer sees a step beside it.
template <class Mask>
std::string masked(std::string_view text, Mask mask) {
  std::string copy(text);
  copy.shrink_to_fit();
  mask(copy);
  require(copy.size() == text.size(), "a text keeps its length");
  for (std::size_t at = 0; at < text.size(); ++at) {
    require((copy[at] == '\n') == (text[at] == '\n'), "a text keeps its lines");
    require(copy[at] == text[at] || copy[at] == '*' || (copy[at] == '0' && word(text[at])), "what is hidden is a mark");
  }
  return copy;
}

void check_names(std::string_view text) {
  const std::string lower = lowered(text);
  const bool found = statement_text::names_secret_function(text);
  if (calls_secret_function(lower)) require(found, "a call of a secret function is noticed");
  if (!found || lower.find("u&\"") != std::string::npos) return;
  require(std::ranges::any_of(statement_text::kSecretFunctions,
                              [&](std::string_view name) { return lower.find(name) != std::string::npos; }),
          "what is noticed is a name of the list");
}

void check_executed(std::string_view text) {
  std::size_t at = 0;
  while (true) {
    const std::size_t before = at;
    const std::string_view name = statement_text::next_executed(text, at);
    require(at <= text.size() && at >= before, "the search goes on");
    if (name.empty()) break;
    require(at > before && name.data() >= text.data() && name.data() + name.size() <= text.data() + text.size(),
            "a name is part of the text");
    const auto place = static_cast<std::size_t>(name.data() - text.data());
    require(lowered(text.substr(before, place - before)).find("execute") != std::string::npos,
            "EXECUTE precedes the name");
  }
}

void check_statement(std::string_view statement) {
  const std::string hidden = masked(statement, [](std::string& copy) { statement_text::mask_literals(copy); });
  for (const bool conforming : {true, false}) {
    for (const auto& lexed : literals_and_comments(statement, conforming)) {
      require(is_hidden(hidden, lexed), lexed.literal ? "a literal is hidden" : "a comment is hidden");
    }
  }
  require(masked(hidden, [](std::string& copy) { statement_text::mask_literals(copy); }) == hidden,
          "what is hidden stays as it is");
}

void check_literals_of(std::string_view message, std::string_view statement) {
  const std::string hidden =
      masked(message, [&](std::string& copy) { statement_text::mask_literals_of(copy, statement); });
  for (const bool conforming : {true, false}) {
    for (const auto& lexed : literals_and_comments(statement, conforming)) {
      const std::string_view literal = statement.substr(lexed.begin, lexed.end - lexed.begin);
      // With a mark in it, what is shown is not what stands there.
      if (!lexed.literal || literal.size() < 6 || all_hidden(literal) ||
          literal.find_first_of("'\\\"$") != std::string_view::npos) {
        continue;
      }
      require(hidden.find(literal) == std::string::npos, "a literal of the statement is in no message");
    }
  }
}

void check_quotes(std::string_view message) {
  const std::string hidden = masked(message, [](std::string& copy) { statement_text::mask_between_quotes(copy); });
  const std::size_t first = message.find_first_of("'$");
  if (first == std::string_view::npos) return require(hidden == message, "a text without marks stays as it is");
  require(hidden.substr(0, first + 1) == message.substr(0, first + 1), "what precedes the first mark stays as it is");
  std::size_t last = message.find_last_of("'$");
  const bool open = std::count(message.begin(), message.end(), '\'') % 2 == 1;
  if (open && message.find('$') == std::string_view::npos) last = message.size();
  for (std::size_t at = first; at < last; ++at) require(!word(hidden[at]), "no word is left between marks");
}

void check_value(std::string_view message) {
  const std::string hidden = masked(message, [](std::string& copy) { statement_text::mask_quoted_value(copy); });
  for (const std::string_view before : {": \"", "value \""}) {
    const std::size_t found = message.find(before);
    if (found == std::string_view::npos) continue;
    const std::size_t begin = found + before.size();
    const std::size_t last = message.rfind('"');
    const std::size_t end = last >= begin ? last : message.size();
    require(all_hidden(std::string_view(hidden).substr(begin, end - begin)), "a value is hidden");
  }
}

// What is between the first and the last double quotation mark; marks of other languages may lie outside of them.
void check_all_quoted(std::string_view message) {
  const std::string hidden = masked(message, [](std::string& copy) { statement_text::mask_all_quoted(copy); });
  const std::size_t first = message.find('"');
  if (first == std::string_view::npos) return;
  const std::size_t last = message.rfind('"');
  const std::size_t end = last > first ? last : message.size();
  const std::string_view inner = std::string_view(hidden).substr(first + 1, end - first - 1);
  require(inner.size() < 2 || all_hidden(inner), "what is quoted is hidden");
}

void check_colons(std::string_view context) {
  const std::string hidden = masked(context, [](std::string& copy) { statement_text::mask_behind_colons(copy); });
  for (std::size_t at = 0; at < context.size();) {
    const std::size_t end = std::min(context.find('\n', at), context.size());
    const std::size_t colon = context.substr(at, end - at).find(": ");
    if (colon == std::string_view::npos) {
      require(hidden.substr(at, end - at) == context.substr(at, end - at), "a line without a colon stays as it is");
    } else {
      require(all_hidden(std::string_view(hidden).substr(at + colon + 2, end - at - colon - 2)),
              "what is behind a colon is hidden");
    }
    at = end + 1;
  }
}

// A part of the message in double quotation marks that the statement has and its masked copy has not.
void check_parts(std::string_view message, std::string_view statement) {
  const std::string masked_statement =
      masked(statement, [](std::string& copy) { statement_text::mask_literals(copy); });
  const std::string hidden = masked(
      message, [&](std::string& copy) { statement_text::mask_quoted_parts_of(copy, statement, masked_statement); });
  // Marks of other languages, and what is padded, are left to the unit tests.
  if (std::ranges::any_of(message, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return;
  const std::string whole = lowered(statement);
  const std::string rest = lowered(masked_statement);
  for (std::size_t mark = message.find('"'); mark != std::string_view::npos;) {
    const std::size_t begin = mark + 1;
    mark = message.find('"', begin);
    const std::size_t end = std::min(mark, message.size());
    const std::string part = lowered(message.substr(begin, end - begin));
    if (part.empty() || part.size() > 64 || part.find_first_of(" \t\n\r\f\v") != std::string::npos) continue;
    if (whole.find(part) == std::string::npos || rest.find(part) != std::string::npos) continue;
    require(all_hidden(std::string_view(hidden).substr(begin, end - begin)), "a part of a literal is in no message");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view statement = all.substr(0, all.find('\0'));
  const std::string_view message =
      statement.size() < all.size() ? all.substr(statement.size() + 1) : std::string_view{};
  for (const std::string_view text : {statement, message}) {
    check_names(text);
    check_executed(text);
    check_statement(text);
    check_quotes(text);
    check_value(text);
    check_all_quoted(text);
    check_colons(text);
    require(!statement_text::begins_with(text, "execute") || lowered(text).find("execute") != std::string::npos,
            "a word that is found is there");
  }
  check_literals_of(message, statement);
  check_parts(message, statement);
  return 0;
}

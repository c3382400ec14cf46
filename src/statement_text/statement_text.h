// Secrets in the text of statements: whether a text may hold one, and the text without it. Core.
//
// A text that names a function of kSecretFunctions may hold a secret anywhere, be it in a literal that reaches the function by
// a detour. So all literals and comments of such a text are hidden, with the length and the form of the text kept: what
// is between quotes becomes '*', a digit '0'. In doubt more is hidden. All of it takes time in proportion to the text and
// no memory.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gatehouse::statement_text {

// Whether the text names such a function with an opening parenthesis after it: qualified or not, in whatever case, quoted, in a
// literal or a body as well. A text with an identifier in Unicode escapes is taken for one that does.
bool names_secret_function(std::string_view text) noexcept;

// The name that the next EXECUTE of a prepared statement in the text is for, from `at` on, which is moved behind it; empty
// where there is none. As it is written, without quotes.
std::string_view next_executed(std::string_view text, std::size_t& at) noexcept;

// Hides the literals and comments of a statement, in place.
void mask_literals(std::span<char> statement) noexcept;

// Of a text that is no statement but may quote one: hides what is between the first quotation mark or dollar quote and the last.
void mask_between_quotes(std::span<char> text) noexcept;

// Hides bound values as the server writes them: $1 = '...'.
void mask_bound_values(std::span<char> text) noexcept;

// Hides a value that an error message gives in double quotes, behind ": " or "value ", or in the quotation marks of another language.
void mask_quoted_value(std::span<char> message) noexcept;

// Hides what is between the first and the last quotation mark, double ones or those of another language, if it is longer than one
// character.
void mask_all_quoted(std::span<char> text) noexcept;

// Hides what stands behind ": " in each line.
void mask_behind_colons(std::span<char> text) noexcept;

// Hides what a text has in quotation marks if it stands in the statement and no more in its masked copy: part of a literal, an
// identifier that was cut or put into lower case, a secret in the wrong quotes.
void mask_quoted_parts_of(std::span<char> text, std::string_view statement, std::string_view masked) noexcept;

// Whether the statement begins with the word, in lower case, behind blanks and comments.
bool begins_with(std::string_view statement, std::string_view word) noexcept;

// Hides in `text` what stands in a literal of the statement, 6 bytes or longer: words of a message may be shorter.
void mask_literals_of(std::span<char> text, std::string_view statement) noexcept;

}  // namespace gatehouse::statement_text

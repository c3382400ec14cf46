// Which texts may hold a secret, and what is left of them.
#include "statement_text/statement_text.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::statement_text {
namespace {

std::string masked(std::string text) {
  mask_literals(text);
  return text;
}

std::string between_quotes(std::string text) {
  mask_between_quotes(text);
  return text;
}

std::string without_value(std::string text) {
  mask_quoted_value(text);
  return text;
}

std::string bound_values(std::string text) {
  mask_bound_values(text);
  return text;
}

std::string all_quoted(std::string text) {
  mask_all_quoted(text);
  return text;
}

std::string behind_colons(std::string text) {
  mask_behind_colons(text);
  return text;
}

std::string without_literals_of(std::string text, std::string_view statement) {
  mask_literals_of(text, statement);
  return text;
}

TEST(NamesSecretFunction, HoweverItIsWritten) {
  for (const char* text : {
           "SELECT gatehouse.hash_password('x')",
           "select HASH_PASSWORD ('x')",
           "SELECT \"gatehouse\".\"hash_password\"('x')",
           "SELECT gatehouse . hash_password\n\t('x')",
           "SELECT hash_password/* c */('x')",
           "SELECT hash_password -- c\n('x')",
           "DO $$BEGIN PERFORM authenticate_user('a', 'b'); END$$",
           "DO 'BEGIN PERFORM \"authenticate_user\"(''a'', ''b''); END'",
           "SELECT 1; SELECT gatehouse.verify_api_key('sk_x')",
           "SELECT $1 || gatehouse.token_digest($2)",
           "SELECT U&\"gatehouse\".U&\"h\\0061sh_password\"('x')",
           "EXPLAIN SELECT gatehouse.set_password(id, 'x')",
           "SELECT query->>'SELECT \\\"hash_password\\\"(1)'",
           "hash_password(",
           "1hash_password(",
           "(hash_password - 1)",
           "a - b / hash_password  \"( -- c",
       }) {
    EXPECT_TRUE(names_secret_function(text)) << text;
  }
}

TEST(NamesSecretFunction, NothingElse) {
  for (const char* text : {
           "",
           "SELECT 1",
           "SELECT password FROM hash_password",
           "SELECT my_hash_password('x')",
           "SELECT hash_password2('x')",
           "SELECT gatehouse.lock_status(1)",
           "SELECT gatehouse.get_user_by_email('a@example.com')",
           "SELECT hash_password",
           "SELECT ab&\"c\"",
       }) {
    EXPECT_FALSE(names_secret_function(text)) << text;
  }
}

TEST(NextExecuted, FindsEachName) {
  const std::string_view text = "EXECUTE login('a'); execute /* c */ \"Log in\"('b'); SELECT executed; EXECUTE";
  std::size_t at = 0;
  EXPECT_EQ(next_executed(text, at), "login");
  EXPECT_EQ(next_executed(text, at), "Log in");
  EXPECT_EQ(next_executed(text, at), "");
  at = 0;
  EXPECT_EQ(next_executed("EXECUTE \"open", at), "ope") << "an unclosed name is cut, and nothing is read beyond";
}

TEST(MaskLiterals, HidesEveryKind) {
  const std::pair<const char*, const char*> cases[] = {
      {"SELECT f('secret')", "SELECT f('******')"},
      {"SELECT f('se''cret', 'x')", "SELECT f('********', '*')"},
      {"SELECT f(E'se\\'cret', 'x')", "SELECT f(E'********', '*')"},
      {"SELECT f(e'a\\\\', 'secret')", "SELECT f(e'***', '******')"},
      {"SELECT f(N'secret', B'01', X'ff', U&'s\\0065')", "SELECT f(N'******', B'**', X'**', U&'******')"},
      {"SELECT f($$secret$$)", "SELECT f($$******$$)"},
      {"SELECT f($a$se$$cret$a$)", "SELECT f($a$********$a$)"},
      {"SELECT f(12345678, 1.5e3, a1)", "SELECT f(00000000, 0.000, a1)"},
      {"SELECT f($1, $23)", "SELECT f($1, $23)"},
      {"SELECT f(1) -- secret\n, 2", "SELECT f(0) --*******\n, 0"},
      {"SELECT /* a /* secret */ b */ 1", "SELECT /********************/ 0"},
      {"SELECT f(\"secret\")", "SELECT f(\"******\")"},
      {"SELECT \"s\".\"f\"(\"t\" . \"c\")", "SELECT \"s\".\"f\"(\"t\" . \"c\")"},
      {"SELECT 'a\nb'", "SELECT '*\n*'"},
      {"SELECT f('secret", "SELECT f('******"},
      {"SELECT f($$secret", "SELECT f($$******"},
      {"SELECT f($a$secret$b$", "SELECT f($a$*********"},
      {"SELECT /* secret", "SELECT /********"},
      {"SELECT a'secret'", "SELECT a'******'"},
      {"SELECT f('it's secret') FROM x", "SELECT f('********************"},
      {"SELECT a$1$b, 'x'", "SELECT a$1$b, '*'"},
      {"SELECT $1$b$secret$b$", "SELECT $1$b$******$b$"},
      {"SELECT f(E'a\\'b', e'\\'c')", "SELECT f(E'****', e'***')"},
      {"-- a comment\rSELECT f('a\nsecret')", "--**********\rSELECT f('*\n******')"},
      {"", ""},
      {"'", "'"},
      {"$$", "$$"},
      {"E'\\", "E'*"},
      {"\"", "\""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(masked(text), expected) << text;
}

// With standard_conforming_strings off a backslash escapes in every string: both readings are hidden.
TEST(MaskLiterals, HidesWhatAnAmbiguousBackslashMayHide) {
  EXPECT_EQ(masked("SELECT f('a\\', 'secret', 'x')"), "SELECT f('*******************");
  EXPECT_EQ(masked("SELECT f('a\\'', 1, '!secret')"), "SELECT f('*******************");
  // No E'...': the word is longer.
  EXPECT_EQ(masked("SELECT f(date'2020\\', '!secret')"), "SELECT f(date'******************");
}

TEST(MaskLiterals, KeepsTheLength) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const char* frame : {"'%'", "E'%", "$%$x$%$", "\"%", "/*%", "--%", "%"}) {
      std::string text = frame;
      for (char& c : text) c = c == '%' ? static_cast<char>(byte) : c;
      EXPECT_EQ(masked(text).size(), text.size());
    }
  }
}

TEST(MaskLiterals, AgainChangesNothing) {
  const std::string once = masked("SELECT f('se''cret', $$x$$, 12) -- c");
  EXPECT_EQ(masked(once), once);
}

TEST(MaskBetweenQuotes, HidesFromTheFirstToTheLast) {
  EXPECT_EQ(between_quotes("statement: f('secret', 'x') at 1"), "statement: f('******', '*') at 1");
  EXPECT_EQ(between_quotes("can't: f('secret')"), "can'*: *('******')");
  EXPECT_EQ(between_quotes("f($$secret$$)"), "f($$******$$)");
  EXPECT_EQ(between_quotes("f('secret"), "f('******");
  EXPECT_EQ(between_quotes("f('a', 'secret"), "f('*', '******");
  EXPECT_EQ(between_quotes("f($$a$$, $t$secret"), "f($$*$$, $*$******");
  EXPECT_EQ(between_quotes("$1 = 'a', $2 = 'secret"), "$* = '*', $* = '******");
  EXPECT_EQ(between_quotes("syntax error at \"secret\""), "syntax error at \"secret\"");
  EXPECT_EQ(between_quotes("nothing"), "nothing");
  EXPECT_EQ(between_quotes(""), "");
}

TEST(MaskBoundValues, HidesThemWithoutTheirForm) {
  EXPECT_EQ(bound_values("parameters: $1 = 'two words.', $2 = NULL, $3 = 'it''s $1 = ''x'', (y)'"),
            "parameters: $1 = '**********', $2 = NULL, $3 = '*********************'");
  EXPECT_EQ(bound_values("unnamed portal parameter $12 = 'a b'\nSQL statement"), "unnamed portal parameter $12 = '***'\nSQL statement");
  EXPECT_EQ(bound_values("$1 = 'a b"), "$1 = '***");
  EXPECT_EQ(bound_values("$1 = '"), "$1 = '");
  EXPECT_EQ(bound_values("$ = 'a' $1 = b $"), "$ = 'a' $1 = b $");
  EXPECT_EQ(bound_values(""), "");
}

TEST(MaskQuotedValue, HidesTheValueAndNoName) {
  EXPECT_EQ(without_value("invalid input syntax for type inet: \"se\"cret\""), "invalid input syntax for type inet: \"*******\"");
  EXPECT_EQ(without_value("value \"secret\" is out of range for type integer"), "value \"******\" is out of range for type integer");
  EXPECT_EQ(without_value("argument \"password\" must not be null"), "argument \"password\" must not be null");
  EXPECT_EQ(without_value("invalid byte sequence for encoding \"UTF8\": 0x00"), "invalid byte sequence for encoding \"UTF8\": 0x00");
  EXPECT_EQ(without_value("cut: \"sec"), "cut: \"***");
  EXPECT_EQ(without_value("a: \"b\", value \"sec"), "a: \"**********\"***");
  EXPECT_EQ(without_value("a: \"\" of b"), "a: \"\" of b");
}

TEST(MaskQuotedValue, InOtherLanguages) {
  EXPECT_EQ(without_value("ung\u00FCltige Eingabesyntax f\u00FCr Typ inet: \u00BBse\"cr\u00E4t\u00AB"),
            "ung\u00FCltige Eingabesyntax f\u00FCr Typ inet: \u00BB********\u00AB");
  EXPECT_EQ(without_value("type inet : \u00AB secret \u00BB"), "type inet : \u00AB********\u00BB");
  EXPECT_EQ(without_value("\xABsecret\xBB"), "\xAB******\xBB");
  EXPECT_EQ(without_value("\u201Esecret"), "\u201E******");
}

TEST(MaskAllQuoted, HidesFromTheFirstToTheLast) {
  EXPECT_EQ(all_quoted("Token \"secret\" is invalid."), "Token \"******\" is invalid.");
  EXPECT_EQ(all_quoted("Token \"\"secret\" is invalid."), "Token \"*******\" is invalid.");
  EXPECT_EQ(all_quoted("Token \u00BBsecret\u00AB ist ung\u00FCltig."), "Token \u00BB******\u00AB ist ung\u00FCltig.");
  EXPECT_EQ(all_quoted("Array value must start with \"{\" or so."), "Array value must start with \"{\" or so.");
  EXPECT_EQ(all_quoted("cut: \"sec"), "cut: \"***");
  EXPECT_EQ(all_quoted("\u043B: \"sec"), "\u043B******") << "a letter of which a byte is a mark elsewhere";
  EXPECT_EQ(all_quoted(""), "");
}

TEST(MaskBehindColons, HidesTheRestOfEachLine) {
  EXPECT_EQ(behind_colons("JSON data, line 1: {\"a\": secret\nPL/pgSQL function f() line 2"),
            "JSON data, line 1: ************\nPL/pgSQL function f() line 2");
  EXPECT_EQ(behind_colons("a: b\nc: d"), "a: *\nc: *");
  EXPECT_EQ(behind_colons("a:b"), "a:b");
  EXPECT_EQ(behind_colons(": "), ": ");
  EXPECT_EQ(behind_colons(""), "");
}

TEST(MaskQuotedPartsOf, HidesWhatIsInALiteralOnly) {
  const std::string_view statement = "SELECT f('it's Secret FROM t', \"wrong\", x)";
  const std::string copy = masked(std::string(statement));
  const auto without_parts = [&](std::string text) {
    mask_quoted_parts_of(text, statement, copy);
    return text;
  };
  EXPECT_EQ(without_parts("syntax error at or near \"secret\""), "syntax error at or near \"******\"");
  EXPECT_EQ(without_parts("Syntaxfehler bei \u00BBSecret\u00AB"), "Syntaxfehler bei \u00BB******\u00AB");
  EXPECT_EQ(without_parts("erreur pr\u00E8s de \u00AB\u00A0Secret\u00A0\u00BB"), "erreur pr\u00E8s de \u00AB\u00A0******\u00A0\u00BB");
  EXPECT_EQ(without_parts("column \"wron\" does not exist"), "column \"****\" does not exist");
  EXPECT_EQ(without_parts("syntax error at or near \"SELECT\""), "syntax error at or near \"SELECT\"");
  EXPECT_EQ(without_parts("relation \"nowhere\" does not exist"), "relation \"nowhere\" does not exist");
  EXPECT_EQ(without_parts("\"\" and \""), "\"\" and \"");
  EXPECT_EQ(without_parts(""), "");
  std::string text = "relation \"nowhere\" does not exist";
  mask_quoted_parts_of(text, std::string(100000, 'x'), std::string(100000, 'x'));
  EXPECT_EQ(text, "relation \"*******\" **************") << "where it can't be told";
}

TEST(BeginsWith, BehindBlanksAndComments) {
  EXPECT_TRUE(begins_with("EXECUTE p", "execute"));
  EXPECT_TRUE(begins_with("\n /* a /* b */ c */ -- d\n eXecute p", "execute"));
  EXPECT_TRUE(begins_with("execute", "execute"));
  EXPECT_FALSE(begins_with("executed", "execute"));
  EXPECT_FALSE(begins_with("/* execute", "execute"));
  EXPECT_FALSE(begins_with("SELECT execute", "execute"));
  EXPECT_FALSE(begins_with("", "execute"));
}

TEST(MaskLiteralsOf, HidesThemWhereverTheyAre) {
  const std::string_view statement = "SELECT f('secret', \"wrongs\", 'abcde')";
  EXPECT_EQ(without_literals_of("column \"wrongs\" is no secret, abcde", statement), "column \"******\" is no ******, abcde");
  EXPECT_EQ(without_literals_of("secretsecret", statement), "************");
  EXPECT_EQ(without_literals_of("", statement), "");
  EXPECT_EQ(without_literals_of("it's secret", "SELECT f('it''s secret')"), "it'********");
  EXPECT_EQ(without_literals_of("a\nb secret", "SELECT f(E'a\\nb secret')"), "a\n********");
  EXPECT_EQ(without_literals_of("secret 'dollar'", "SELECT f('a\\', 'secret', $$dollar$$)"), "****** '******'");
  EXPECT_EQ(without_literals_of("secret", ""), "secret");
}

}  // namespace
}  // namespace gatehouse::statement_text

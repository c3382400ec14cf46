// Where the literals and comments of a statement are, by the rules of PostgreSQL's scanner (scan.l): what hides them is
// held against this. Up to the first error of the scanner, since what comes behind has no meaning.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::fuzz {

// What is within the marks.
struct Lexed {
  std::size_t begin;
  std::size_t end;
  bool literal;  // else a comment
};

class SqlLexer {
 public:
  SqlLexer(std::string_view text, bool conforming) : text_(text), conforming_(conforming) {
    while (at_ < text_.size() && token()) {
    }
  }

  std::vector<Lexed> take() { return std::move(found_); }

 private:
  static bool digit(char c) { return c >= '0' && c <= '9'; }
  static bool begins_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  }
  static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
  static bool newline(char c) { return c == '\n' || c == '\r'; }

  // NUL behind the end.
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool one_of(std::size_t ahead, std::string_view characters) const {
    return at_ + ahead < text_.size() && characters.find(text_[at_ + ahead]) != std::string_view::npos;
  }

  // False where the scanner stops.
  bool token() {
    const char c = peek();
    if (c == '-' && peek(1) == '-') return line_comment();
    if (c == '/' && peek(1) == '*') return block_comment();
    if (c == '\'') return string(!conforming_);
    if (one_of(0, "eE") && peek(1) == '\'') return ++at_, string(true);
    if (one_of(0, "bBxX") && peek(1) == '\'') return ++at_, string(false);
    if (one_of(0, "uU") && peek(1) == '&' && peek(2) == '\'') return at_ += 2, conforming_ && string(false);
    if (one_of(0, "uU") && peek(1) == '&' && peek(2) == '"') return at_ += 2, identifier();
    if (c == '"') return identifier();
    if (begins_identifier(c)) {
      while (begins_identifier(peek()) || digit(peek()) || peek() == '$') ++at_;
      return true;
    }
    if (digit(c) || (c == '.' && digit(peek(1)))) return number();
    if (c == '$') return dollar();
    return ++at_, true;
  }

  bool line_comment() {
    at_ += 2;
    const std::size_t begin = at_;
    while (at_ < text_.size() && !newline(text_[at_])) ++at_;
    found_.push_back({begin, at_, false});
    return true;
  }

  bool block_comment() {
    const std::size_t begin = at_ + 2;
    int depth = 0;
    while (at_ < text_.size()) {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        if (--depth > 0) continue;
        found_.push_back({begin, at_ - 2, false});
        return true;
      } else {
        ++at_;
      }
    }
    found_.push_back({begin, text_.size(), false});
    return false;
  }

  // Goes on behind a newline: then what follows is of the same kind.
  bool string(bool escapes) {
    do {
      const std::size_t begin = ++at_;
      bool closed = false;
      while (at_ < text_.size() && !closed) {
        if (escapes && text_[at_] == '\\') {
          at_ += 2;
        } else if (text_[at_] != '\'') {
          ++at_;
        } else if (peek(1) == '\'') {
          at_ += 2;
        } else {
          closed = true;
        }
      }
      if (!closed) {
        found_.push_back({begin, text_.size(), true});
        return false;
      }
      found_.push_back({begin, at_, true});
      ++at_;
    } while (goes_on());
    return true;
  }

  bool goes_on() {
    std::size_t at = at_;
    bool line_ended = false;
    while (at < text_.size()) {
      if (blank(text_[at])) {
        line_ended = line_ended || newline(text_[at]);
        ++at;
      } else if (text_.substr(at, 2) == "--") {
        while (at < text_.size() && !newline(text_[at])) ++at;
      } else {
        break;
      }
    }
    if (!line_ended || at >= text_.size() || text_[at] != '\'') return false;
    // A comment on the way is one of its own.
    for (std::size_t i = at_; i < at;) {
      if (text_.substr(i, 2) != "--") {
        ++i;
        continue;
      }
      const std::size_t begin = i + 2;
      while (i < at && !newline(text_[i])) ++i;
      found_.push_back({begin, i, false});
    }
    at_ = at;
    return true;
  }

  bool identifier() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') continue;
      if (peek(1) != '"') return ++at_, true;
      ++at_;
    }
    return false;
  }

  bool number() {
    const std::size_t begin = at_;
    while (digit(peek())) ++at_;
    if (peek() == '.' && peek(1) != '.') {
      ++at_;
      while (digit(peek())) ++at_;
    }
    if (one_of(0, "eE") && (digit(peek(1)) || (one_of(1, "+-") && digit(peek(2))))) {
      at_ += 2;
      while (digit(peek())) ++at_;
    }
    // From 16 on: 0x1F, 1_000. All else that hangs on a number is an error.
    if (!begins_identifier(peek())) return true;
    if (peek() != '_' && !(at_ == begin + 1 && text_[begin] == '0' && one_of(0, "xXoObB"))) return false;
    while (begins_identifier(peek()) || digit(peek())) ++at_;
    return true;
  }

  bool dollar() {
    ++at_;
    if (digit(peek())) {
      while (digit(peek())) ++at_;
      return !begins_identifier(peek());
    }
    std::size_t end = at_;
    while (end < text_.size() && (begins_identifier(text_[end]) || (end > at_ && digit(text_[end])))) ++end;
    if (end >= text_.size() || text_[end] != '$') return true;
    const std::string_view tag = text_.substr(at_ - 1, end + 1 - (at_ - 1));
    const std::size_t begin = end + 1;
    const std::size_t close = text_.find(tag, begin);
    if (close == std::string_view::npos) {
      found_.push_back({begin, text_.size(), true});
      return false;
    }
    found_.push_back({begin, close, true});
    at_ = close + tag.size();
    return true;
  }

  std::string_view text_;
  bool conforming_;
  std::size_t at_ = 0;
  std::vector<Lexed> found_;
};

// `conforming`: standard_conforming_strings.
inline std::vector<Lexed> literals_and_comments(std::string_view text, bool conforming) {
  return SqlLexer(text, conforming).take();
}

}  // namespace gatehouse::fuzz

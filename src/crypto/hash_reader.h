// Reads the text of a password hash from left to right, strictly. Core.
//
// Numbers are canonical decimals: digits only, no leading zero, below 2^32. Whoever reads says what ends a field.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace gatehouse::crypto {

class HashReader {
 public:
  explicit HashReader(std::string_view text) : rest_(text) {}

  // Whether the text goes on with `expected`, which is then behind us.
  bool skip(std::string_view expected) {
    if (rest_.substr(0, expected.size()) != expected) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  bool number(std::uint32_t& into) {
    std::uint64_t value = 0;
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9') {
      value = value * 10 + static_cast<std::uint64_t>(rest_[size++] - '0');
      if (value > UINT32_MAX) return false;
    }
    if (size == 0 || (size > 1 && rest_.front() == '0')) return false;
    rest_.remove_prefix(size);
    into = static_cast<std::uint32_t>(value);
    return true;
  }

  // What precedes the next `end`, or everything; `end` itself is not read.
  std::string_view field(char end) {
    const std::string_view result = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(result.size());
    return result;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

template <class Predicate>
bool consists_of(std::string_view text, Predicate allowed) {
  return std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace gatehouse::crypto

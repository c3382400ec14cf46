// What a fuzz target is given and how it says that a rule of the core is broken.
//
// A target is a file <name>_fuzz.cpp that defines LLVMFuzzerTestOneInput; libFuzzer calls it, or driver.cpp where that
// is not to be had. Every target holds the core to a rule that it works out by other means than the core does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace gatehouse::fuzz {

// Ends the process where the rule is broken: the fuzzer keeps the input.
inline void require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

// Takes an input apart from the front.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  // 0 at the end.
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }

  std::span<const std::uint8_t> bytes(std::size_t most) {
    const auto taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  std::string_view text(std::size_t most) {
    const auto taken = bytes(most);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  // Up to the next newline, which is taken too.
  std::string_view line() {
    const std::string_view all = rest();
    const std::size_t end = all.find('\n');
    const std::string_view taken = text(end == std::string_view::npos ? all.size() : end);
    byte();
    return taken;
  }

  std::string_view rest() const { return {reinterpret_cast<const char*>(rest_.data()), rest_.size()}; }

 private:
  std::span<const std::uint8_t> rest_;
};

}  // namespace gatehouse::fuzz

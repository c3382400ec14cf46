#include "throwing.h"

#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace boundary_test {

namespace {

void throw_it(Thrown what, const std::string& owner) {
  const auto buffer = std::make_unique<char[]>(4096);
  std::memcpy(buffer.get(), owner.data(), owner.size());
  switch (what) {
    case Thrown::kBadAlloc:
      throw std::bad_alloc();
    case Thrown::kBadArrayLength: {
      const volatile std::ptrdiff_t length = -1;
      std::make_unique<int[]>(static_cast<std::size_t>(length));
      break;
    }
    case Thrown::kLengthError:
      std::vector<int>().reserve(static_cast<std::size_t>(-1));
      break;
    case Thrown::kRuntimeError:
      throw std::runtime_error(owner);
    case Thrown::kInteger:
      throw 42;
    case Thrown::kNested:
      try {
        throw std::runtime_error(owner);
      } catch (...) {
        std::throw_with_nested(std::logic_error("outer"));
      }
    case Thrown::kNothing:
      break;
  }
}

}  // namespace

gatehouse::Result<int> throw_from_the_core(Thrown what) {
  const std::string owner(200, 'o');
  throw_it(what, owner);
  return 1;
}

void leak(std::size_t bytes) {
  auto* volatile lost = new char[bytes];
  std::memset(lost, 1, bytes);
}

}  // namespace boundary_test

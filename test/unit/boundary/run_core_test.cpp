// The one catch-all: whatever is thrown comes out as a Refusal.
#include "boundary/run_core.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace gatehouse {
namespace {

template <class Exception>
Fault fault_of(Exception exception) {
  return run_core([&]() -> Result<int> { throw exception; }).refusal.fault;
}

TEST(RunCore, PassesAValueThrough) {
  const Result<int> result = run_core([]() -> Result<int> { return 42; });
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.value, 42);
}

TEST(RunCore, PassesARefusalThroughWhole) {
  const Result<int> result = run_core([]() -> Result<int> { return Refusal{Fault::kPasswordTooShort, 15, "subject"}; });
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.refusal.fault, Fault::kPasswordTooShort);
  EXPECT_EQ(result.refusal.number, 15);
  EXPECT_STREQ(result.refusal.subject, "subject");
}

TEST(RunCore, TurnsWantOfMemoryIntoOutOfMemory) {
  EXPECT_EQ(fault_of(std::bad_alloc()), Fault::kOutOfMemory);
  EXPECT_EQ(fault_of(std::bad_array_new_length()), Fault::kOutOfMemory);
  EXPECT_EQ(fault_of(std::length_error("too long")), Fault::kOutOfMemory);
}

TEST(RunCore, TurnsAContainersRefusalToGrowIntoOutOfMemory) {
  const Result<int> result = run_core([]() -> Result<int> {
    std::vector<char> bytes;
    bytes.reserve(bytes.max_size() + std::size_t{1});
    return 1;
  });
  EXPECT_EQ(result.refusal.fault, Fault::kOutOfMemory);
}

TEST(RunCore, TurnsEverythingElseIntoInternal) {
  EXPECT_EQ(fault_of(std::runtime_error("secret text")), Fault::kInternal);
  EXPECT_EQ(fault_of(std::invalid_argument("secret text")), Fault::kInternal);
  EXPECT_EQ(fault_of(std::exception()), Fault::kInternal);
  EXPECT_EQ(fault_of(42), Fault::kInternal);
  EXPECT_EQ(fault_of("text"), Fault::kInternal);
}

TEST(RunCore, KeepsNothingOfTheExceptionsText) {
  const Result<int> result = run_core([]() -> Result<int> { throw std::runtime_error("hunter2"); });
  EXPECT_STREQ(result.refusal.subject, "");
  EXPECT_EQ(result.refusal.number, 0);
}

TEST(RunCore, EndsNestedExceptionsToo) {
  const Result<int> result = run_core([]() -> Result<int> {
    try {
      throw std::bad_alloc();
    } catch (...) {
      throw std::runtime_error("while handling another");
    }
  });
  EXPECT_EQ(result.refusal.fault, Fault::kInternal);
}

TEST(RunCore, DestroysWhatTheWorkOwned) {
  static int alive = 0;
  struct Counted {
    Counted() { ++alive; }
    ~Counted() { --alive; }
  };
  for (int i = 0; i < 1000; ++i) {
    (void)run_core([]() -> Result<int> {
      const Counted counted;
      throw std::runtime_error("out of here");
    });
  }
  EXPECT_EQ(alive, 0);
}

static_assert(noexcept(run_core([]() -> Result<int> { throw 1; })), "no exception may leave");

}  // namespace
}  // namespace gatehouse

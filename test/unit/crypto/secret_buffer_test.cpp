// What SecretBuffer leaves behind.
//
// Reading freed memory would prove nothing and is undefined. So this program's operator delete[] looks at each block
// while it is still its own, in the moment it is handed back.
#include "crypto/secret_buffer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace {

constexpr std::size_t kHeader = alignof(std::max_align_t);

struct Released {
  bool watching = false;
  std::size_t blocks = 0;
  std::size_t dirty_blocks = 0;
};
Released released;

void look_and_free(void* block) noexcept {
  if (block == nullptr) return;
  char* start = static_cast<char*>(block) - kHeader;
  if (released.watching) {
    std::size_t size;
    std::memcpy(&size, start, sizeof size);
    bool dirty = false;
    for (std::size_t i = 0; i < size; ++i) dirty |= static_cast<char*>(block)[i] != 0;
    ++released.blocks;
    released.dirty_blocks += dirty;
  }
  std::free(start);
}

}  // namespace

void* operator new[](std::size_t size) {
  char* start = static_cast<char*>(std::malloc(size + kHeader));
  if (start == nullptr) throw std::bad_alloc();
  std::memcpy(start, &size, sizeof size);
  return start + kHeader;
}
void operator delete[](void* block) noexcept { look_and_free(block); }
void operator delete[](void* block, std::size_t) noexcept { look_and_free(block); }

namespace gatehouse::crypto {
namespace {

template <class Work>
Released watch(Work work) {
  released = {.watching = true};
  work();
  return std::exchange(released, {});
}

// Keeps the compiler from seeing that the memory is never read again.
void publish(char* memory) { asm volatile("" : : "r"(memory) : "memory"); }

TEST(SecretBuffer, IsWatchedByATestThatWouldSeeAnUnwipedSecret) {
  const Released seen = watch([] {
    char* plain = new char[32];
    std::memset(plain, 's', 32);
    publish(plain);
    delete[] plain;
  });
  EXPECT_EQ(seen.blocks, 1u);
  EXPECT_EQ(seen.dirty_blocks, 1u);
}

TEST(SecretBuffer, IsWipedAtItsEnd) {
  const Released seen = watch([] {
    SecretBuffer buffer("correct horse battery staple");
    publish(buffer.data());
  });
  EXPECT_EQ(seen.blocks, 1u);
  EXPECT_EQ(seen.dirty_blocks, 0u);
}

TEST(SecretBuffer, IsWipedWhenAnExceptionPasses) {
  const Released seen = watch([] {
    try {
      SecretBuffer buffer("correct horse battery staple");
      publish(buffer.data());
      throw 1;
    } catch (int) {
    }
  });
  EXPECT_EQ(seen.blocks, 1u);
  EXPECT_EQ(seen.dirty_blocks, 0u);
}

TEST(SecretBuffer, IsWipedWhenAnotherIsMovedOverIt) {
  const Released seen = watch([] {
    SecretBuffer first("the first secret");
    SecretBuffer second("the second");
    first = std::move(second);
    EXPECT_EQ(first.view(), "the second");
    EXPECT_EQ(released.blocks, 1u) << "what was overwritten goes at once";
    publish(first.data());
  });
  EXPECT_EQ(seen.blocks, 2u);
  EXPECT_EQ(seen.dirty_blocks, 0u);
}

TEST(SecretBuffer, MovesWithoutACopy) {
  SecretBuffer from("a secret");
  const char* memory = from.data();
  const SecretBuffer to(std::move(from));
  EXPECT_EQ(to.data(), memory);
  EXPECT_EQ(to.view(), "a secret");
  EXPECT_EQ(from.size(), 0u);
  EXPECT_EQ(from.view(), "");
}

TEST(SecretBuffer, SurvivesBeingMovedOntoItself) {
  SecretBuffer buffer("a secret");
  SecretBuffer& same = buffer;
  buffer = std::move(same);
  EXPECT_EQ(buffer.view(), "a secret");
}

TEST(SecretBuffer, StartsZeroFilled) {
  const SecretBuffer buffer(1000);
  EXPECT_EQ(buffer.view(), std::string(1000, '\0'));
}

TEST(SecretBuffer, MayBeEmpty) {
  const SecretBuffer none(0);
  const SecretBuffer empty{std::string_view()};
  EXPECT_EQ(none.view(), "");
  EXPECT_EQ(empty.view(), "");
}

static_assert(!std::is_copy_constructible_v<SecretBuffer> && !std::is_copy_assignable_v<SecretBuffer>);
static_assert(std::is_nothrow_move_constructible_v<SecretBuffer> && std::is_nothrow_move_assignable_v<SecretBuffer>);

}  // namespace
}  // namespace gatehouse::crypto

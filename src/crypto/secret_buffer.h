// Memory for a secret within the core: owned, movable, never copied, wiped at its end. Core.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse::crypto {

class SecretBuffer {
 public:
  // Zero-filled. Throws std::bad_alloc.
  explicit SecretBuffer(std::size_t size);
  explicit SecretBuffer(std::string_view text);
  SecretBuffer(SecretBuffer&& other) noexcept;
  SecretBuffer& operator=(SecretBuffer&& other) noexcept;
  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  ~SecretBuffer();

  char* data() { return data_.get(); }
  const char* data() const { return data_.get(); }
  unsigned char* bytes() { return reinterpret_cast<unsigned char*>(data_.get()); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_;
};

}  // namespace gatehouse::crypto

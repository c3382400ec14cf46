#include "crypto/secret_buffer.h"

#include <sodium.h>

#include <cstring>
#include <utility>

namespace gatehouse::crypto {

SecretBuffer::SecretBuffer(std::size_t size) : data_(std::make_unique<char[]>(size)), size_(size) {}

SecretBuffer::SecretBuffer(std::string_view text) : SecretBuffer(text.size()) {
  if (!text.empty()) std::memcpy(data_.get(), text.data(), text.size());
}

SecretBuffer::SecretBuffer(SecretBuffer&& other) noexcept
    : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

SecretBuffer& SecretBuffer::operator=(SecretBuffer&& other) noexcept {
  // Swapped, so that what was here is wiped by the temporary, also when other is *this.
  SecretBuffer taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  return *this;
}

SecretBuffer::~SecretBuffer() {
  if (data_ != nullptr) sodium_memzero(data_.get(), size_);
}

}  // namespace gatehouse::crypto

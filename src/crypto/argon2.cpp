#include "crypto/argon2.h"

#include <sodium.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/encoding.h"
#include "crypto/hash_reader.h"
#include "crypto/secret_buffer.h"

namespace gatehouse::crypto {

namespace {

constexpr std::uint32_t kMaxLanes = 16;
constexpr std::size_t kMinSaltBytes = 8;
constexpr std::size_t kMinTagBytes = 16;
constexpr std::size_t kMaxPartBytes = 64;
constexpr std::size_t kOurSaltBytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr std::size_t kOurTagBytes = 32;
constexpr std::size_t kKib = 1024;

// How many bytes canonical base64 without padding stands for; 0 where it is not that, or of more than kMaxPartBytes.
std::size_t decode(std::string_view text, std::span<unsigned char, kMaxPartBytes> into) {
  return decode_base64(text, Base64::kPlain, into).value_or(0);
}

std::size_t decoded_size(std::string_view text) {
  std::array<unsigned char, kMaxPartBytes> bytes;
  const std::size_t size = decode(text, bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return size;
}

// The costs have been checked, so the only thing left that can fail is the allocation.
Result<Done> compute(std::string_view password, const unsigned char* salt, const Argon2Cost& cost,
                     std::span<unsigned char> tag) {
  if (crypto_pwhash_argon2id(tag.data(), tag.size(), password.data(), password.size(), salt, cost.iterations,
                             cost.memory_kib * kKib, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return Fault::kOutOfMemory;
  }
  return Done{};
}

// Whether the memory that a hash needs is to be had: asked as libsodium asks for it, but never touched.
bool memory_available(std::size_t kib) {
  void* memory = mmap(nullptr, kib * kKib, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
  if (memory == MAP_FAILED) return false;
  munmap(memory, kib * kKib);
  return true;
}

Result<bool> verify_ours(std::string_view password, const Argon2Hash& hash, const unsigned char* salt) {
  std::array<unsigned char, kMaxPartBytes> expected;
  std::array<unsigned char, kMaxPartBytes> computed;
  const std::size_t size = decode(hash.tag, expected);
  const Result<Done> done = compute(password, salt, hash.cost, std::span(computed).first(size));
  const bool equal = done.ok() && sodium_memcmp(expected.data(), computed.data(), size) == 0;
  sodium_memzero(expected.data(), expected.size());
  sodium_memzero(computed.data(), computed.size());
  if (!done.ok()) return done.refusal;
  return equal;
}

// Other salts and lanes are known only to libsodium's function for strings.
Result<bool> verify_other(std::string_view password, const Argon2Hash& hash) {
  SecretBuffer text(hash.text.size() + 1);
  std::copy(hash.text.begin(), hash.text.end(), text.data());
  if (crypto_pwhash_argon2id_str_verify(text.data(), password.data(), password.size()) == 0) return true;
  // Up to 1.0.18 at least, libsodium calls it a mismatch when its allocation fails, and at once; so ask again.
  if (!memory_available(hash.cost.memory_kib)) return Fault::kOutOfMemory;
  return false;
}

}  // namespace

Result<Argon2Hash> parse_argon2(std::string_view text) {
  Argon2Hash hash{.cost = {}, .lanes = 0, .text = text, .salt = {}, .tag = {}};
  HashReader reader(text);
  if (!reader.skip(kArgon2Prefix) || !reader.skip("v=19$m=") || !reader.number(hash.cost.memory_kib) ||
      !reader.skip(",t=") || !reader.number(hash.cost.iterations) || !reader.skip(",p=") ||
      !reader.number(hash.lanes) || !reader.skip("$")) {
    return Fault::kHashMalformed;
  }
  hash.salt = reader.field('$');
  if (!reader.skip("$")) return Fault::kHashMalformed;
  hash.tag = reader.rest();
  if (hash.lanes < 1 || hash.lanes > kMaxLanes || hash.cost.memory_kib < 8 * hash.lanes || hash.cost.iterations < 1 ||
      decoded_size(hash.salt) < kMinSaltBytes || decoded_size(hash.tag) < kMinTagBytes) {
    return Fault::kHashMalformed;
  }
  return hash;
}

bool argon2_in_our_form(const Argon2Hash& hash) {
  return hash.lanes == 1 && decoded_size(hash.salt) == kOurSaltBytes && decoded_size(hash.tag) == kOurTagBytes;
}

Result<HashText> make_argon2(std::string_view password, const Argon2Cost& cost) {
  static_assert(crypto_pwhash_argon2id_STRBYTES == sizeof(HashText::bytes));
  HashText hash;
  if (crypto_pwhash_argon2id_str(hash.bytes.data(), password.data(), password.size(), cost.iterations,
                                 cost.memory_kib * kKib) != 0) {
    return Fault::kOutOfMemory;
  }
  hash.size = std::strlen(hash.bytes.data());
  return hash;
}

Result<bool> verify_argon2(std::string_view password, const Argon2Hash& hash) {
  std::array<unsigned char, kMaxPartBytes> salt;
  // libsodium's plain function takes salts of one size, and one lane; it tells want of memory from a mismatch.
  if (hash.lanes == 1 && decode(hash.salt, salt) == kOurSaltBytes) return verify_ours(password, hash, salt.data());
  return verify_other(password, hash);
}

Result<Done> decoy_argon2(std::string_view password, const Argon2Cost& cost) {
  static constexpr unsigned char kSalt[kOurSaltBytes] = {};
  std::array<unsigned char, kOurTagBytes> tag;
  const Result<Done> done = compute(password, kSalt, cost, tag);
  sodium_memzero(tag.data(), tag.size());
  return done;
}

}  // namespace gatehouse::crypto

#include "crypto/foreign_hash.h"

#include <crypt.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "crypto/encoding.h"
#include "crypto/hash_reader.h"
#include "crypto/secret_buffer.h"

namespace gatehouse::crypto {

namespace {

constexpr std::size_t kBcryptMaxPasswordBytes = 72;
constexpr std::uint32_t kShaCryptDefaultRounds = 5000;
constexpr std::size_t kPbkdf2DigestBytes = 32;

constexpr std::string_view kBcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kCryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool in_alphabet(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

bool salt_sized(std::string_view salt, std::size_t most) { return !salt.empty() && salt.size() <= most; }

// A digest in crypt(3)'s base64, low bits first: the last character has 1 to 6 bits, and no more may be set.
bool crypt_digest_valid(std::string_view digest, std::size_t size, std::size_t last_values) {
  return digest.size() == size && in_alphabet(digest, kCryptAlphabet) &&
         kCryptAlphabet.find(digest.back()) < last_values;
}

bool read_bcrypt(HashReader& reader, ForeignHash& hash) {
  constexpr std::size_t kSaltSize = 22;
  constexpr std::size_t kDigestSize = 31;
  const std::string_view cost = reader.field('$');
  if (cost.size() != 2 || !in_alphabet(cost, "0123456789")) return false;
  hash.cost = static_cast<std::uint64_t>((cost[0] - '0') * 10 + (cost[1] - '0'));
  if (hash.cost < 4 || hash.cost > 31 || !reader.skip("$")) return false;
  const std::string_view body = reader.rest();
  if (body.size() != kSaltSize + kDigestSize || !in_alphabet(body, kBcryptAlphabet)) return false;
  hash.salt = body.substr(0, kSaltSize);
  hash.digest = body.substr(kSaltSize);
  // 184 bits, high bits first: the last two of the last character are spare.
  return kBcryptAlphabet.find(hash.digest.back()) % 4 == 0;
}

bool read_sha_crypt(HashReader& reader, ForeignHash& hash) {
  std::uint32_t rounds = kShaCryptDefaultRounds;
  if (reader.skip("rounds=") &&
      (!reader.number(rounds) || rounds < 1000 || rounds > 999'999'999 || !reader.skip("$"))) {
    return false;
  }
  hash.cost = rounds;
  hash.salt = reader.field('$');
  if (!salt_sized(hash.salt, 16) || !in_alphabet(hash.salt, kCryptAlphabet) || !reader.skip("$")) return false;
  hash.digest = reader.rest();
  return hash.kind == ForeignKind::kSha256Crypt ? crypt_digest_valid(hash.digest, 43, 16)
                                                : crypt_digest_valid(hash.digest, 86, 4);
}

bool read_yescrypt(HashReader& reader, ForeignHash& hash) {
  const std::string_view parameters = reader.field('$');
  if (parameters.size() != 3 || parameters[0] != 'j' || !reader.skip("$")) return false;
  // Both count from 1; numbers from 49 on would take a second character.
  const std::size_t n_log2 = kCryptAlphabet.find(parameters[1]) + 1;
  const std::size_t r = kCryptAlphabet.find(parameters[2]) + 1;
  if (n_log2 < 1 || n_log2 > 48 || r < 1 || r > 48) return false;
  hash.cost = ((std::uint64_t{r} << n_log2) + 7) / 8;  // 128 * r * N bytes in KiB
  hash.salt = reader.field('$');
  if (!salt_sized(hash.salt, 86) || !in_alphabet(hash.salt, kCryptAlphabet) || !reader.skip("$")) return false;
  hash.digest = reader.rest();
  return crypt_digest_valid(hash.digest, 43, 16);
}

// The digest's bytes, of standard base64 with padding. False where it isn't canonical or of another size.
bool decode_pbkdf2_digest(std::string_view text, std::span<unsigned char, kPbkdf2DigestBytes> into) {
  return decode_base64(text, Base64::kPadded, into) == into.size();
}

bool read_pbkdf2(HashReader& reader, ForeignHash& hash) {
  std::uint32_t iterations = 0;
  if (!reader.number(iterations) || iterations < 1 || iterations > INT32_MAX || !reader.skip("$")) return false;
  hash.cost = iterations;
  hash.salt = reader.field('$');
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (!salt_sized(hash.salt, 128) || !consists_of(hash.salt, printable) || !reader.skip("$")) return false;
  hash.digest = reader.rest();
  std::array<unsigned char, kPbkdf2DigestBytes> bytes;
  const bool decoded = decode_pbkdf2_digest(hash.digest, bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return decoded;
}

struct Form {
  std::string_view prefix;
  ForeignKind kind;
  bool (*read)(HashReader& reader, ForeignHash& hash);  // reads what follows the prefix
};

constexpr Form kForms[] = {
    {"$2a$", ForeignKind::kBcrypt, read_bcrypt},
    {"$2b$", ForeignKind::kBcrypt, read_bcrypt},
    {"$2y$", ForeignKind::kBcrypt, read_bcrypt},
    {"$5$", ForeignKind::kSha256Crypt, read_sha_crypt},
    {"$6$", ForeignKind::kSha512Crypt, read_sha_crypt},
    {"$y$", ForeignKind::kYescrypt, read_yescrypt},
    {"pbkdf2_sha256$", ForeignKind::kPbkdf2Sha256, read_pbkdf2},
};

Result<bool> verify_by_libxcrypt(std::string_view password, const ForeignHash& hash) {
  if (hash.kind == ForeignKind::kBcrypt) {
    password = password.substr(0, kBcryptMaxPasswordBytes);
  } else if (password.size() >= CRYPT_MAX_PASSPHRASE_SIZE) {
    return false;
  }

  SecretBuffer phrase(password.size() + 1);
  std::copy(password.begin(), password.end(), phrase.data());
  SecretBuffer setting(hash.text.size() + 1);
  std::copy(hash.text.begin(), hash.text.end(), setting.data());
  SecretBuffer workspace(sizeof(crypt_data));
  errno = 0;
  const char* computed = crypt_rn(phrase.data(), setting.data(), workspace.data(), static_cast<int>(workspace.size()));
  if (computed == nullptr) {
    if (errno == ENOMEM) return Fault::kOutOfMemory;
    return errno == EINVAL || errno == ERANGE ? Fault::kHashMalformed : Fault::kInternal;
  }
  // Only the digests are compared: libxcrypt clears the spare bits of a bcrypt salt before it prints it.
  const std::size_t size = strnlen(computed, CRYPT_OUTPUT_SIZE);
  if (size != hash.text.size()) return false;
  return sodium_memcmp(computed + size - hash.digest.size(), hash.digest.data(), hash.digest.size()) == 0;
}

Result<bool> verify_pbkdf2(std::string_view password, const ForeignHash& hash) {
  std::array<unsigned char, kPbkdf2DigestBytes> expected;
  std::array<unsigned char, kPbkdf2DigestBytes> computed;
  decode_pbkdf2_digest(hash.digest, expected);
  const bool done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                      reinterpret_cast<const unsigned char*>(hash.salt.data()),
                                      static_cast<int>(hash.salt.size()), static_cast<int>(hash.cost), EVP_sha256(),
                                      static_cast<int>(computed.size()), computed.data()) == 1;
  const bool equal = done && sodium_memcmp(expected.data(), computed.data(), computed.size()) == 0;
  sodium_memzero(expected.data(), expected.size());
  sodium_memzero(computed.data(), computed.size());
  if (done) return equal;
  // OpenSSL's queue of errors is the process's: what is left in it would be blamed on the next TLS read.
  const bool no_memory = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
  ERR_clear_error();
  return no_memory ? Fault::kOutOfMemory : Fault::kInternal;
}

}  // namespace

Result<ForeignHash> parse_foreign(std::string_view text) {
  for (const Form& form : kForms) {
    HashReader reader(text);
    if (!reader.skip(form.prefix)) continue;
    ForeignHash hash{.kind = form.kind, .cost = 0, .text = text, .salt = {}, .digest = {}};
    if (!form.read(reader, hash)) return Fault::kHashMalformed;
    return hash;
  }
  return Fault::kHashKindUnknown;
}

Result<Done> check_foreign_ceiling(const ForeignHash& hash, const HashCeilings& ceilings) {
  std::uint32_t ceiling = 0;
  const char* setting = "";
  switch (hash.kind) {
    case ForeignKind::kBcrypt:
      ceiling = ceilings.bcrypt_cost;
      setting = "gatehouse.bcrypt_cost_ceiling";
      break;
    case ForeignKind::kPbkdf2Sha256:
      ceiling = ceilings.pbkdf2_iterations;
      setting = "gatehouse.pbkdf2_iterations_ceiling";
      break;
    case ForeignKind::kSha256Crypt:
    case ForeignKind::kSha512Crypt:
      ceiling = ceilings.sha_crypt_rounds;
      setting = "gatehouse.sha_crypt_rounds_ceiling";
      break;
    case ForeignKind::kYescrypt:
      ceiling = ceilings.yescrypt_memory_kib;
      setting = "gatehouse.yescrypt_memory_ceiling";
      break;
  }
  if (hash.cost > ceiling) return Refusal{Fault::kHashTooExpensive, 0, setting};
  return Done{};
}

Result<bool> verify_foreign(std::string_view password, const ForeignHash& hash) {
  // crypt(3) would stop at it, and HMAC takes a key for the same with zeros behind it.
  if (password.find('\0') != std::string_view::npos) return false;
  return hash.kind == ForeignKind::kPbkdf2Sha256 ? verify_pbkdf2(password, hash) : verify_by_libxcrypt(password, hash);
}

}  // namespace gatehouse::crypto

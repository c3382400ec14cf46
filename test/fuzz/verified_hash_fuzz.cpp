// Password hashes that are cheap enough to be computed, and verified against hashes made by the libraries themselves.
//
// First byte: the kind to make, or that the rest is a hash as it stands. A password matches the hash that was made of
// it, no other password does, a damaged digest doesn't, and a login gives the same answer as a verification.
#include <crypt.h>
#include <sodium.h>

#include <cstring>
#include <string>

#include "crypto/hash_times.h"
#include "crypto/password_hash.h"
#include "input.h"

using gatehouse::Fault;
using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;
namespace crypto = gatehouse::crypto;

namespace {

constexpr crypto::HashCeilings kCheap{.argon2_memory_kib = 64,
                                      .argon2_iterations = 2,
                                      .bcrypt_cost = 4,
                                      .pbkdf2_iterations = 64,
                                      .sha_crypt_rounds = 1000,
                                      .yescrypt_memory_kib = 128};
constexpr crypto::Argon2Cost kToday{16, 1};
crypto::HashTimes times;

bool is_refusal_of_a_hash(Fault fault) {
  return fault == Fault::kHashMalformed || fault == Fault::kHashKindUnknown || fault == Fault::kHashTooExpensive;
}

// Gives whether it matches; a hash that is refused doesn't.
bool check(std::string_view password, std::string_view hash) {
  const auto verified = crypto::verify_password(password, hash, kCheap);
  require(verified.ok() || is_refusal_of_a_hash(verified.refusal.fault), "a hash is refused for what it is");
  const bool matches = verified.ok() && verified.value;
  const auto again = crypto::verify_password(password, hash, kCheap);
  require(again.ok() == verified.ok() && again.value == verified.value, "the same question has the same answer");
  const auto login = crypto::verify_login(password, hash, kToday, kCheap, times);
  require(login.ok() && login.value == matches, "a login gives the answer of a verification");
  return matches;
}

std::string make(std::uint8_t kind, const std::string& password, Input& input) {
  if (kind == 0) {
    char hash[crypto_pwhash_argon2id_STRBYTES];
    if (crypto_pwhash_argon2id_str(hash, password.data(), password.size(), 1 + input.byte() % 2,
                                   1024 * (8 + input.byte() % 57)) != 0) {
      return "";
    }
    return hash;
  }
  static constexpr struct {
    const char* prefix;
    unsigned long rounds;
  } kMade[] = {{"$2b$", 4}, {"$2y$", 4}, {"$5$", 1000}, {"$6$", 1000}};
  const auto& made = kMade[kind % std::size(kMade)];
  char salt[32] = {};
  const auto random = input.bytes(sizeof salt);
  std::copy(random.begin(), random.end(), salt);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn(made.prefix, made.rounds, salt, sizeof salt, setting, sizeof setting) == nullptr) return "";
  crypt_data data{};
  const char* hash = crypt_r(password.c_str(), setting, &data);
  return hash == nullptr || hash[0] == '*' ? "" : hash;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t kind = input.byte();
  if (kind >= 'A') {
    const std::string_view password = input.line().substr(0, crypto::kMaxPasswordBytes);
    const std::string_view hash = input.rest();
    if (check(password, hash)) {
      // No kind looks beyond a NUL or the 72nd byte in the same way; in front all of them look.
      const std::string other = "x" + std::string(password);
      require(!check(other, hash), "another password doesn't match");
    }
    return 0;
  }

  // libxcrypt's own functions take C strings, bcrypt 72 bytes of them: within that all kinds say the same.
  std::string password(input.text(input.byte() % 72));
  std::replace(password.begin(), password.end(), '\0', '0');
  const std::string hash = make(kind % 5, password, input);
  if (hash.empty()) return 0;
  require(check(password, hash), "a password matches the hash that was made of it");
  require(!check(password + "x", hash), "a longer password doesn't match");
  if (!password.empty()) require(!check(password.substr(1), hash), "a shorter password doesn't match");

  std::string damaged = hash;
  char& character = damaged[hash.size() - 1 - input.byte() % 20];
  character = character == 'A' ? 'B' : 'A';
  require(!check(password, damaged), "a damaged digest doesn't match");
  if (kind % 5 == 0) {
    const auto rehash = crypto::needs_rehash(hash, {8, 1});
    require(rehash.ok() && !rehash.value, "a hash of our form and a sufficient cost stays");
  }
  return 0;
}

// The key ring: the server's long-term keys. Core.
//
// A text file, one key a line, `<id> <64 hexadecimal digits>`, id 1..65535 and unique; the first is
// current; `#` starts a comment, blank lines are skipped. Mode 0600, owned by the server's user.
// Keys for each purpose are derived from it with libsodium's crypto_kdf (BLAKE2b).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "boundary/outcome.h"

namespace gatehouse::crypto {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kPublicKeyBytes = 32;
inline constexpr std::size_t kSigningKeyBytes = 64;
inline constexpr std::size_t kMaxRingKeys = 64;
inline constexpr std::size_t kMaxRingBytes = 64 * 1024;

// A plain value that holds secrets: keep it in guarded memory only (open_key_ring).
struct KeyRing {
  struct Key {
    std::uint16_t id;
    std::array<unsigned char, kKeyBytes> master;
    std::array<unsigned char, kKeyBytes> for_tokens;  // derived for kTokenDigest: every verification needs it
    // The Ed25519 key whose seed is derived for kAccessToken, as libsodium keeps it: the seed, then the public key.
    std::array<unsigned char, kSigningKeyBytes> for_access_tokens;

    std::span<const unsigned char, kPublicKeyBytes> public_key() const {
      return std::span(for_access_tokens).last<kPublicKeyBytes>();
    }
  };
  std::array<Key, kMaxRingKeys> keys;
  std::size_t count;

  const Key& current() const { return keys[0]; }
  const Key* find(std::uint16_t id) const noexcept;  // nullptr where the ring has none of that id
};

// What a derived key is for: the subkey number of crypto_kdf. Never renumber.
enum class Purpose : std::uint64_t {
  kTokenDigest = 1,
  kRefreshSuccessor = 2,
  kLoginDigest = 3,
  kAccessToken = 4,
};

// Fills in what is derived from `master`.
void complete_key(KeyRing::Key& key) noexcept;

// kKeyRingMalformed with the line's number; an empty ring is malformed at its last line.
Result<Done> parse_key_ring(std::string_view text, KeyRing& into);

// Reads and parses the file. kKeyRingUnreadable, kKeyRingPermissive, kKeyRingMalformed.
Result<Done> read_key_ring(const char* path, KeyRing& into);

// Guarded, locked memory for a ring (sodium_malloc). nullptr where there is none to be had.
KeyRing* allocate_key_ring() noexcept;
void free_key_ring(KeyRing* ring) noexcept;  // wipes; nullptr is allowed

// crypto_kdf_derive_from_key with the context "gatehous".
void derive_key(const KeyRing::Key& key, Purpose purpose, std::span<unsigned char, kKeyBytes> into) noexcept;

}  // namespace gatehouse::crypto

#include "crypto/key_ring.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "crypto/secret_buffer.h"

namespace gatehouse::crypto {

namespace {

constexpr std::size_t kHexDigits = 2 * kKeyBytes;

std::string_view trim_blanks(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// A canonical decimal from 1 to 65535; 0 for anything else.
std::uint16_t parse_id(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0') return 0;
  std::uint32_t id = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    id = id * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return id <= 65535 ? static_cast<std::uint16_t>(id) : std::uint16_t{0};
}

// Takes one line without its end into the ring. False where it is malformed.
bool take_line(std::string_view line, KeyRing& ring) {
  if (line.find('\0') != std::string_view::npos) return false;
  line = trim_blanks(line.substr(0, line.find('#')));
  if (line.empty()) return true;

  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const std::uint16_t id = parse_id(line.substr(0, space));
  const std::string_view digits = line.substr(space + 1);
  if (id == 0 || digits.size() != kHexDigits || ring.find(id) != nullptr || ring.count == kMaxRingKeys) return false;

  KeyRing::Key& key = ring.keys[ring.count];
  std::size_t size = 0;
  if (sodium_hex2bin(key.master.data(), kKeyBytes, digits.data(), digits.size(), nullptr, &size, nullptr) != 0 ||
      size != kKeyBytes) {
    return false;
  }
  key.id = id;
  complete_key(key);
  ++ring.count;
  return true;
}

Result<Done> parse_lines(std::string_view text, KeyRing& into) {
  std::int64_t number = 0;
  do {
    ++number;
    const std::size_t end = text.find('\n');
    if (!take_line(text.substr(0, end), into)) return Refusal{Fault::kKeyRingMalformed, number};
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  } while (!text.empty());
  if (into.count == 0) return Refusal{Fault::kKeyRingMalformed, number};
  return Done{};
}

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

}  // namespace

const KeyRing::Key* KeyRing::find(std::uint16_t id) const noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (keys[i].id == id) return &keys[i];
  }
  return nullptr;
}

void complete_key(KeyRing::Key& key) noexcept {
  static_assert(kPublicKeyBytes == crypto_sign_PUBLICKEYBYTES && kSigningKeyBytes == crypto_sign_SECRETKEYBYTES);
  derive_key(key, Purpose::kTokenDigest, key.for_tokens);
  std::array<unsigned char, kKeyBytes> seed;
  derive_key(key, Purpose::kAccessToken, seed);
  std::array<unsigned char, kPublicKeyBytes> public_key;
  crypto_sign_seed_keypair(public_key.data(), key.for_access_tokens.data(), seed.data());
  sodium_memzero(seed.data(), seed.size());
}

Result<Done> parse_key_ring(std::string_view text, KeyRing& into) {
  sodium_memzero(&into, sizeof into);
  // What lies beyond the limit is not looked at, so the line named is the one that crosses it.
  if (text.size() > kMaxRingBytes) {
    std::int64_t number = 1;
    for (const char c : text.substr(0, kMaxRingBytes)) number += c == '\n';
    return Refusal{Fault::kKeyRingMalformed, number};
  }
  const Result<Done> parsed = parse_lines(text, into);
  if (!parsed.ok()) sodium_memzero(&into, sizeof into);
  return parsed;
}

Result<Done> read_key_ring(const char* path, KeyRing& into) {
  sodium_memzero(&into, sizeof into);
  // O_NONBLOCK: opening a FIFO must not wait for somebody to write to it.
  const Descriptor file{open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (file.number < 0) return Fault::kKeyRingUnreadable;

  // Judged on the open file, so that nobody can swap it between the look and the read.
  struct stat status;
  if (fstat(file.number, &status) != 0) return Fault::kKeyRingUnreadable;
  if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 07177) != 0) {
    return Fault::kKeyRingPermissive;
  }

  SecretBuffer text(kMaxRingBytes + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.number, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fault::kKeyRingUnreadable;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return parse_key_ring(text.view().substr(0, size), into);
}

KeyRing* allocate_key_ring() noexcept {
  void* memory = sodium_malloc(sizeof(KeyRing));
  return memory == nullptr ? nullptr : new (memory) KeyRing{};
}

void free_key_ring(KeyRing* ring) noexcept { sodium_free(ring); }

void derive_key(const KeyRing::Key& key, Purpose purpose, std::span<unsigned char, kKeyBytes> into) noexcept {
  static_assert(kKeyBytes == crypto_kdf_KEYBYTES);
  static constexpr char kContext[] = "gatehous";
  static_assert(sizeof kContext - 1 == crypto_kdf_CONTEXTBYTES);
  crypto_kdf_derive_from_key(into.data(), into.size(), static_cast<std::uint64_t>(purpose), kContext,
                             key.master.data());
}

}  // namespace gatehouse::crypto

// Password hashes as they are read, before any work: Argon2id and the foreign kinds.
//
// What is read is rendered again from its parts and must be the text it came from, so that there is one way to write a
// hash and nothing in it goes unread. needs_rehash and the ceilings of verify_password must know the same hashes.
#include <string>

#include "crypto/argon2.h"
#include "crypto/foreign_hash.h"
#include "crypto/password_hash.h"
#include "input.h"

using gatehouse::Fault;
using gatehouse::fuzz::require;
namespace crypto = gatehouse::crypto;

namespace {

bool within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

std::string render(const crypto::Argon2Hash& hash) {
  return "$argon2id$v=19$m=" + std::to_string(hash.cost.memory_kib) + ",t=" + std::to_string(hash.cost.iterations) +
         ",p=" + std::to_string(hash.lanes) + "$" + std::string(hash.salt) + "$" + std::string(hash.tag);
}

void check_argon2(std::string_view text) {
  const auto parsed = crypto::parse_argon2(text);
  if (!parsed.ok()) return require(parsed.refusal.fault == Fault::kHashMalformed, "Argon2id is refused as malformed");
  const crypto::Argon2Hash& hash = parsed.value;
  require(render(hash) == text, "an Argon2id hash is written in one way");
  require(within(hash.salt, text) && within(hash.tag, text), "the parts point into the text");
  require(hash.lanes >= 1 && hash.lanes <= 16 && hash.cost.iterations >= 1 && hash.cost.memory_kib >= 8 * hash.lanes,
          "the parameters are Argon2's");
  // 8..64 and 16..64 bytes in base64 without padding.
  require(hash.salt.size() >= 11 && hash.salt.size() <= 86, "the salt has 8 to 64 bytes");
  require(hash.tag.size() >= 22 && hash.tag.size() <= 86, "the tag has 16 to 64 bytes");
  if (crypto::argon2_in_our_form(hash)) {
    require(hash.lanes == 1 && hash.salt.size() == 22 && hash.tag.size() == 43,
            "our form is one lane, 16 and 32 bytes");
  }
}

// The text between the prefix and the salt, from the number that was read.
std::string render_cost(const crypto::ForeignHash& hash) {
  const std::string_view text = hash.text;
  switch (hash.kind) {
    case crypto::ForeignKind::kBcrypt:
      return std::string(text.substr(0, 4)) + (hash.cost < 10 ? "0" : "") + std::to_string(hash.cost) + "$";
    case crypto::ForeignKind::kPbkdf2Sha256:
      return "pbkdf2_sha256$" + std::to_string(hash.cost) + "$";
    case crypto::ForeignKind::kSha256Crypt:
    case crypto::ForeignKind::kSha512Crypt: {
      const std::string prefix = hash.kind == crypto::ForeignKind::kSha256Crypt ? "$5$" : "$6$";
      if (text.substr(3, 7) != "rounds=") {
        require(hash.cost == 5000, "SHA-crypt has 5000 rounds where it doesn't say");
        return prefix;
      }
      return prefix + "rounds=" + std::to_string(hash.cost) + "$";
    }
    case crypto::ForeignKind::kYescrypt: {
      static constexpr std::string_view kDigits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
      const auto n_log2 = kDigits.find(text[4]) + 1;
      const std::uint64_t r = kDigits.find(text[5]) + 1;
      require(((r << n_log2) + 7) / 8 == hash.cost, "the memory of yescrypt is 128 r N bytes");
      return "$y$j" + std::string(text.substr(4, 2)) + "$";
    }
  }
  return "";
}

void check_foreign(std::string_view text) {
  const auto parsed = crypto::parse_foreign(text);
  if (!parsed.ok()) {
    return require(parsed.refusal.fault == Fault::kHashMalformed || parsed.refusal.fault == Fault::kHashKindUnknown,
                   "a foreign hash is refused as malformed or unknown");
  }
  const crypto::ForeignHash& hash = parsed.value;
  require(within(hash.salt, text) && within(hash.digest, text), "the parts point into the text");
  require(hash.cost >= 1, "every hash costs something");
  const std::string between = hash.kind == crypto::ForeignKind::kBcrypt ? "" : "$";
  require(render_cost(hash) + std::string(hash.salt) + between + std::string(hash.digest) == text,
          "a foreign hash is written in one way");
}

bool starts_with_setting(const char* subject) { return std::string_view(subject).rfind("gatehouse.", 0) == 0; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_argon2(text);
  check_foreign(text);

  // Nothing is admitted below these ceilings, so nothing is computed.
  const auto verified = crypto::verify_password("password", text, crypto::HashCeilings{});
  const auto cheap = crypto::needs_rehash(text, {8, 1});
  require(!verified.ok(), "a ceiling of 0 admits nothing");
  if (!cheap.ok()) {
    require(verified.refusal.fault == cheap.refusal.fault, "both functions refuse the same hashes");
    return 0;
  }
  require(size <= crypto::kMaxHashBytes, "what is longer than the limit is refused");
  require(verified.refusal.fault == Fault::kHashTooExpensive, "what is known is too expensive for a ceiling of 0");
  require(starts_with_setting(verified.refusal.subject), "the refusal names the setting");
  const auto dear = crypto::needs_rehash(text, {UINT32_MAX, UINT32_MAX});
  require(dear.ok() && (dear.value || !cheap.value), "what is too weak for a small cost is so for a large one");
  return 0;
}

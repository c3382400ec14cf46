// The text of a key ring: what is read is rendered again and read to the same ring, what is refused leaves nothing
// behind.
#include <cstring>
#include <memory>
#include <set>
#include <string>

#include "crypto/key_ring.h"
#include "input.h"

using gatehouse::Fault;
using gatehouse::fuzz::require;
namespace crypto = gatehouse::crypto;

namespace {

std::string render(const crypto::KeyRing& ring) {
  std::string text;
  for (std::size_t i = 0; i < ring.count; ++i) {
    text += std::to_string(ring.keys[i].id) + " ";
    for (const unsigned char byte : ring.keys[i].master) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    text += '\n';
  }
  return text;
}

bool is_zero(const crypto::KeyRing& ring) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&ring);
  return std::all_of(bytes, bytes + sizeof ring, [](unsigned char byte) { return byte == 0; });
}

// What stands before line `number`, counted from 1.
std::string_view before_line(std::string_view text, std::int64_t number) {
  std::size_t at = 0;
  while (--number > 0) at = text.find('\n', at) + 1;
  return text.substr(0, at);
}

void check_sound(std::string_view text, const crypto::KeyRing& ring) {
  require(ring.count >= 1 && ring.count <= crypto::kMaxRingKeys, "a ring has 1 to 64 keys");
  std::set<std::uint16_t> ids;
  for (std::size_t i = 0; i < ring.count; ++i) {
    ids.insert(ring.keys[i].id);
    require(ring.find(ring.keys[i].id) == &ring.keys[i], "a key is found by its id");
  }
  require(ids.size() == ring.count && ids.count(0) == 0, "ids are from 1 on and unique");
  require(ring.find(0) == nullptr, "no key has the id 0");

  const auto again = std::make_unique<crypto::KeyRing>();
  const std::string rendered = render(ring);
  require(crypto::parse_key_ring(rendered, *again).ok() && render(*again) == rendered, "a ring reads as it is written");
  if (text.size() + 4 <= crypto::kMaxRingBytes) {
    require(crypto::parse_key_ring(std::string(text) + "\n # ", *again).ok() && render(*again) == rendered,
            "a comment changes nothing");
  }
  require(!crypto::parse_key_ring(rendered + rendered, *again).ok(), "no key is there twice");
}

void check_refused(std::string_view text, const gatehouse::Refusal& refusal, const crypto::KeyRing& ring) {
  require(refusal.fault == Fault::kKeyRingMalformed, "a ring is refused as malformed");
  require(is_zero(ring), "a ring that is refused leaves no key behind");
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  require(refusal.number >= 1 && refusal.number <= lines, "the line is one of the text's");
  if (text.size() > crypto::kMaxRingBytes) return;
  // The lines before the one that is named are sound: a ring, or none yet.
  const std::string_view before = before_line(text, refusal.number);
  const auto shorter = std::make_unique<crypto::KeyRing>();
  const auto parsed = crypto::parse_key_ring(before, *shorter);
  const auto lines_before = std::max<std::int64_t>(1, std::count(before.begin(), before.end(), '\n'));
  require(parsed.ok() || parsed.refusal.number == lines_before, "the first malformed line is named");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto ring = std::make_unique<crypto::KeyRing>();
  std::memset(static_cast<void*>(ring.get()), 0xa5, sizeof *ring);
  const auto parsed = crypto::parse_key_ring(text, *ring);
  if (parsed.ok()) {
    check_sound(text, *ring);
  } else {
    check_refused(text, parsed.refusal, *ring);
  }
  return 0;
}

#include "api_keys/judgement_pg.h"

#include "api_keys/scope_list_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "crypto/token.h"

extern "C" {
#include "utils/array.h"
}

namespace gatehouse::api_keys {

namespace {

struct Elements {
  Datum* values;
  int count;
};

Elements elements_of(Datum datum, Oid element_type) {
  Elements result{};
  ArrayType* array = DatumGetArrayTypeP(datum);
  if (ARR_NDIM(array) == 0) return result;
  bool* nulls;
  // text and cidr are alike in length and alignment.
  deconstruct_array(array, element_type, -1, false, TYPALIGN_INT, &result.values, &nulls, &result.count);
  for (int i = 0; i < result.count; ++i) {
    if (nulls[i]) raise({Fault::kNullArgument, 0, "required_scopes"});
  }
  return result;
}

std::string_view element(const Elements& elements, int i) { return view_of(DatumGetTextPP(elements.values[i])); }

constexpr Words kWords[] = {
    {"malformed", "missing", false},
    {"malformed", "malformed", false},
    {"stale_standby", "stale standby", false},
    {"unknown", "unknown", false},
    {"key_ring", "unknown", false},
    {"deactivated", "not live", true},
    {"expired", "not live", true},
    {"owner_inactive", "not live", true},
    {"address", "address", true},
    {"scopes", "scopes", true},
    {"ok", "ok", true},
};

Verdict judge_digest(const KeyProbe& probe, const Presented& presented) {
  const auto verdict = [](bool equal) { return equal ? Verdict::kOk : Verdict::kUnknown; };
  bool is_null;
  const std::int32_t ring_key_id = DatumGetInt32(probe.column(kRingKeyId, &is_null));
  const std::span<const unsigned char> stored = bytes_of(DatumGetByteaPP(probe.column(kKeyDigest, &is_null)));
  if (presented.has_digest && ring_key_id == presented.ring_key_id)
    return verdict(crypto::digests_equal(presented.digest, stored));
  const crypto::StoredRingKey ring_key = crypto::stored_ring_key(ring_key_id);
  if (!ring_key.found) return Verdict::kKeyRing;
  return verdict(crypto::digests_equal(crypto::token_digest(presented.text, ring_key.key), stored));
}

// A stop with an end lapses by itself.
bool owner_is_live(const KeyProbe& probe) {
  bool is_null;
  if (DatumGetBool(probe.column(kOwnerIsLive, &is_null))) return true;
  if (!probe.has(kOwnerStoppedUntil)) return false;
  const Datum stopped_until = probe.column(kOwnerStoppedUntil, &is_null);
  return !is_null && DatumGetTimestampTz(stopped_until) <= GetCurrentTimestamp();
}

Verdict judge_life(const KeyProbe& probe) {
  bool is_null;
  probe.column(kDeactivatedAt, &is_null);
  if (!is_null) return Verdict::kDeactivated;
  const Datum expires_at = probe.column(kExpiresAt, &is_null);
  if (!is_null && DatumGetTimestampTz(expires_at) <= GetCurrentTimestamp()) return Verdict::kExpired;
  return owner_is_live(probe) ? Verdict::kOk : Verdict::kOwnerInactive;
}

bool address_allowed(const KeyProbe& probe, const NullableDatum& ip) {
  bool is_null;
  const Datum allowed = probe.column(kIpAllow, &is_null);
  if (is_null) return true;
  if (ip.isnull) return false;
  const Elements networks = elements_of(allowed, CIDROID);
  for (int i = 0; i < networks.count; ++i) {
    if (DatumGetBool(DirectFunctionCall2(network_subeq, ip.value, networks.values[i]))) return true;
  }
  return false;
}

bool scopes_cover(const KeyProbe& probe, Datum required) {
  const Elements wanted = elements_of(required, TEXTOID);
  if (wanted.count == 0) return true;
  bool is_null;
  const ScopeList held = scope_list(probe.column(kScopes, &is_null));
  for (int i = 0; i < wanted.count; ++i) {
    if (!list_covers(held, element(wanted, i))) return false;
  }
  return true;
}

}  // namespace

Presented present(std::string_view text) {
  // A broken ring is no matter until a row asks for it.
  const Result<const crypto::KeyRing*> ring = crypto::find_key_ring();
  if (!ring.ok()) return {.text = text};
  const crypto::KeyRing::Key* key = ring.value == nullptr ? nullptr : &ring.value->current();
  return {text, true, key == nullptr ? 0 : key->id, crypto::token_digest(text, key)};
}

const Words& words_for(Verdict verdict) { return kWords[static_cast<std::size_t>(verdict)]; }

Verdict judge(const KeyProbe& probe, const Presented& presented, const Demands& demands) {
  if (!probe.found) return Verdict::kUnknown;
  if (const Verdict verdict = judge_digest(probe, presented); verdict != Verdict::kOk) return verdict;
  if (const Verdict verdict = judge_life(probe); verdict != Verdict::kOk) return verdict;
  if (!address_allowed(probe, demands.ip)) return Verdict::kAddress;
  if (!scopes_cover(probe, demands.scopes)) return Verdict::kScopes;
  return Verdict::kOk;
}

}  // namespace gatehouse::api_keys

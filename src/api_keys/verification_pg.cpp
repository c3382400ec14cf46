#include "api_keys/verification_pg.h"

#include "api_keys/key_format.h"
#include "api_keys/key_uses_pg.h"
#include "api_keys/scope_list_pg.h"
#include "audit/event_queue_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/server_pg.h"
#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "crypto/token.h"
#include "operation/standby_staleness_pg.h"
#include "statement_text/concern_pg.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/inet.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
PG_FUNCTION_INFO_V1(gatehouse_api_keys_check);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_match);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_match_reporting);
}

namespace api_keys = gatehouse::api_keys;
namespace audit = gatehouse::audit;
namespace crypto = gatehouse::crypto;

namespace {

struct Elements {
  Datum* values;
  int count;
};

Elements elements_of(Datum array, Oid element_type) {
  Elements result{};
  bool* nulls;
  // text and cidr are alike in length and alignment.
  deconstruct_array(DatumGetArrayTypeP(array), element_type, -1, false, TYPALIGN_INT, &result.values, &nulls,
                    &result.count);
  for (int i = 0; i < result.count; ++i) {
    if (nulls[i]) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "required_scopes"});
  }
  return result;
}

std::string_view element(const Elements& elements, int i) {
  return gatehouse::view_of(DatumGetTextPP(elements.values[i]));
}

// Of a key the first that holds, in this order.
enum class Verdict {
  kMissing,
  kMalformed,
  kStaleStandby,
  kUnknown,
  kKeyRing,
  kDeactivated,
  kExpired,
  kOwnerInactive,
  kAddress,
  kScopes,
  kOk,
};

// The status of check_api_key, and the reason in an event. Whoever doesn't hold the key's secret is told nothing of the
// key, and must not bring its name into the log.
struct Words {
  const char* status;
  const char* reason;
  bool secret_is_proven;
};
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
const Words& words_for(Verdict verdict) { return kWords[static_cast<std::size_t>(verdict)]; }

Verdict verdict_on_digest(const api_keys::KeyProbe& probe, std::string_view presented) {
  bool is_null;
  const crypto::StoredRingKey ring_key =
      crypto::stored_ring_key(DatumGetInt32(probe.column(api_keys::kRingKeyId, &is_null)));
  if (!ring_key.found) return Verdict::kKeyRing;
  const bytea* stored = DatumGetByteaPP(probe.column(api_keys::kKeyDigest, &is_null));
  return crypto::digests_equal(crypto::token_digest(presented, ring_key.key), gatehouse::bytes_of(stored))
             ? Verdict::kOk
             : Verdict::kUnknown;
}

// A stop with an end lapses by itself.
bool owner_is_live(const api_keys::KeyProbe& probe) {
  bool is_null;
  if (DatumGetBool(probe.column(api_keys::kOwnerIsLive, &is_null))) return true;
  if (!probe.has(api_keys::kOwnerStoppedUntil)) return false;
  const Datum stopped_until = probe.column(api_keys::kOwnerStoppedUntil, &is_null);
  return !is_null && DatumGetTimestampTz(stopped_until) <= GetCurrentTimestamp();
}

Verdict verdict_on_life(const api_keys::KeyProbe& probe) {
  bool is_null;
  probe.column(api_keys::kDeactivatedAt, &is_null);
  if (!is_null) return Verdict::kDeactivated;
  const Datum expires_at = probe.column(api_keys::kExpiresAt, &is_null);
  if (!is_null && DatumGetTimestampTz(expires_at) <= GetCurrentTimestamp()) return Verdict::kExpired;
  return owner_is_live(probe) ? Verdict::kOk : Verdict::kOwnerInactive;
}

bool address_allowed(const api_keys::KeyProbe& probe, const NullableDatum& ip) {
  bool is_null;
  const Datum allowed = probe.column(api_keys::kIpAllow, &is_null);
  if (is_null) return true;
  if (ip.isnull) return false;
  const Elements networks = elements_of(allowed, CIDROID);
  for (int i = 0; i < networks.count; ++i) {
    if (DatumGetBool(DirectFunctionCall2(network_subeq, ip.value, networks.values[i]))) return true;
  }
  return false;
}

bool scopes_cover(const api_keys::KeyProbe& probe, Datum required) {
  const Elements wanted = elements_of(required, TEXTOID);
  if (wanted.count == 0) return true;
  bool is_null;
  const api_keys::ScopeList held = api_keys::scope_list(probe.column(api_keys::kScopes, &is_null));
  for (int i = 0; i < wanted.count; ++i) {
    if (!api_keys::list_covers(held, element(wanted, i))) return false;
  }
  return true;
}

TupleDesc result_row(FunctionCallInfo fcinfo) {
  if (fcinfo->flinfo->fn_extra == nullptr) {
    const MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    TupleDesc row;
    if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE)
      gatehouse::raise({gatehouse::Fault::kInternal});
    fcinfo->flinfo->fn_extra = BlessTupleDesc(CreateTupleDescCopy(row));
    MemoryContextSwitchTo(caller);
  }
  return static_cast<TupleDesc>(fcinfo->flinfo->fn_extra);
}

constexpr std::array<api_keys::Column, 5> kShown = {api_keys::kId, api_keys::kUserId, api_keys::kScopes,
                                                    api_keys::kName, api_keys::kExpiresAt};

Datum matched_key(FunctionCallInfo fcinfo, const api_keys::KeyProbe& probe) {
  std::array<Datum, kShown.size()> values{};
  std::array<bool, kShown.size()> nulls{};
  for (std::size_t i = 0; i < kShown.size(); ++i) values[i] = probe.column(kShown[i], &nulls[i]);
  return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo), values.data(), nulls.data()));
}

audit::OptionalId id_of(const api_keys::KeyProbe& probe) {
  bool is_null;
  return {true, *DatumGetUUIDP(probe.column(api_keys::kId, &is_null))};
}

Verdict verdict_on(const api_keys::KeyProbe& probe, std::string_view presented, FunctionCallInfo fcinfo) {
  if (!probe.found) return Verdict::kUnknown;
  if (const Verdict verdict = verdict_on_digest(probe, presented); verdict != Verdict::kOk) return verdict;
  if (const Verdict verdict = verdict_on_life(probe); verdict != Verdict::kOk) return verdict;
  if (!address_allowed(probe, fcinfo->args[2])) return Verdict::kAddress;
  if (!scopes_cover(probe, fcinfo->args[1].value)) return Verdict::kScopes;
  return Verdict::kOk;
}

// What can be said without a look into the table; kOk where that is needed.
struct Presented {
  std::string_view key;
  std::int64_t lookup_id;
  Verdict verdict;
};

Presented presented_key(FunctionCallInfo fcinfo) {
  // Not the same as no scopes: a list that got lost on its way must not open what it was to guard.
  if (PG_ARGISNULL(1)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "required_scopes"});
  if (PG_ARGISNULL(0)) return {.verdict = Verdict::kMissing};
  gatehouse::statement_text::note_secret();
  const std::string_view key = gatehouse::view_of(PG_GETARG_TEXT_PP(0));
  const api_keys::ParsedKey parsed = api_keys::parse_key(key);
  if (!parsed.well_formed) return {.verdict = Verdict::kMalformed};
  if (gatehouse::operation::standby_is_stale()) return {.verdict = Verdict::kStaleStandby};
  return {key, parsed.lookup_id, Verdict::kOk};
}

struct Match {
  Verdict verdict;
  Datum row;             // where it is kOk
  audit::OptionalId id;  // of a refused key whose secret is proven
};

Match match(FunctionCallInfo fcinfo, api_keys::Accept accept) {
  const Presented presented = presented_key(fcinfo);
  if (presented.verdict != Verdict::kOk) return {.verdict = presented.verdict};

  const api_keys::KeyProbe probe = api_keys::probe(presented.lookup_id);
  Match result = {.verdict = verdict_on(probe, presented.key, fcinfo)};
  if (result.verdict == Verdict::kOk) {
    result.row = accept(fcinfo, probe);
    api_keys::note_use(id_of(probe).id, fcinfo->args[2]);
  } else if (words_for(result.verdict).secret_is_proven) {
    result.id = id_of(probe);
  }
  api_keys::finish_probe(probe);
  return result;
}

}  // namespace

// match_api_key(api_key text, required_scopes text[], ip inet) → gatehouse.api_key_match: NULL where refused. Of SQL
// version 0.1.
extern "C" Datum gatehouse_api_keys_match(PG_FUNCTION_ARGS) {
  const Match matched = match(fcinfo, matched_key);
  if (matched.verdict != Verdict::kOk) PG_RETURN_NULL();
  PG_RETURN_DATUM(matched.row);
}

// check_api_key(api_key text, required_scopes text[], ip inet, OUT status text, OUT api_key_id uuid, OUT user_id uuid,
// OUT scopes text[], OUT name text, OUT expires_at timestamptz)
extern "C" Datum gatehouse_api_keys_check(PG_FUNCTION_ARGS) {
  std::array<Datum, 1 + kShown.size()> values{};
  std::array<bool, 1 + kShown.size()> nulls;
  nulls.fill(true);
  const auto row = [&](Verdict verdict) {
    values[0] = gatehouse::text_datum(words_for(verdict).status);
    nulls[0] = false;
    return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo), values.data(), nulls.data()));
  };
  const Presented presented = presented_key(fcinfo);
  if (presented.verdict != Verdict::kOk) PG_RETURN_DATUM(row(presented.verdict));

  const api_keys::KeyProbe probe = api_keys::probe(presented.lookup_id);
  const Verdict verdict = verdict_on(probe, presented.key, fcinfo);
  if (words_for(verdict).secret_is_proven) {
    for (std::size_t i = 0; i < kShown.size(); ++i) values[1 + i] = probe.column(kShown[i], &nulls[1 + i]);
  }
  const Datum result = row(verdict);
  api_keys::finish_probe(probe);
  PG_RETURN_DATUM(result);
}

namespace gatehouse::api_keys {

Datum verify_reporting(FunctionCallInfo fcinfo, Accept accept) {
  const Match matched = match(fcinfo, accept);
  if (matched.verdict == Verdict::kOk) return matched.row;
  audit::report_refused_key(words_for(matched.verdict).reason, matched.id,
                            PG_ARGISNULL(2) ? nullptr : PG_GETARG_INET_PP(2));
  return Datum{0};
}

}  // namespace gatehouse::api_keys

// match_api_key(api_key text, required_scopes text[], ip inet) → gatehouse.api_key_match: NULL where refused, which is
// reported once a second
extern "C" Datum gatehouse_api_keys_match_reporting(PG_FUNCTION_ARGS) {
  const Datum row = api_keys::verify_reporting(fcinfo, matched_key);
  if (row == Datum{0}) PG_RETURN_NULL();
  PG_RETURN_DATUM(row);
}

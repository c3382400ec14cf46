#include "api_keys/verification_pg.h"

#include "api_keys/judgement_pg.h"
#include "api_keys/key_format.h"
#include "api_keys/key_uses_pg.h"
#include "audit/event_queue_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/text_pg.h"
#include "operation/standby_staleness_pg.h"
#include "statement_text/concern_pg.h"

extern "C" {
#include "utils/typcache.h"
PG_FUNCTION_INFO_V1(gatehouse_api_keys_match);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_match_reporting);
}

namespace api_keys = gatehouse::api_keys;
namespace audit = gatehouse::audit;

namespace {

Datum matched_key(FunctionCallInfo fcinfo, const api_keys::KeyProbe& probe) {
  constexpr std::array<api_keys::Column, 5> kShown = {api_keys::kId, api_keys::kUserId, api_keys::kScopes,
                                                      api_keys::kName, api_keys::kExpiresAt};
  std::array<Datum, kShown.size()> values{};
  std::array<bool, kShown.size()> nulls{};
  for (std::size_t i = 0; i < kShown.size(); ++i) values[i] = probe.column(kShown[i], &nulls[i]);
  const TupleDesc shape = lookup_rowtype_tupdesc(get_fn_expr_rettype(fcinfo->flinfo), -1);
  const Datum row = HeapTupleGetDatum(heap_form_tuple(shape, values.data(), nulls.data()));
  ReleaseTupleDesc(shape);
  return row;
}

// A refusal, and of which key if it is one.
struct Match {
  Datum row;  // 0: refused
  const char* reason;
  audit::OptionalId id;
};

audit::OptionalId id_of(const api_keys::KeyProbe& probe) {
  bool is_null;
  return {true, *DatumGetUUIDP(probe.column(api_keys::kId, &is_null))};
}

Match match(FunctionCallInfo fcinfo, api_keys::Accept accept) {
  // Not the same as no scopes: a list that got lost on its way must not open what it was to guard.
  if (PG_ARGISNULL(1)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "required_scopes"});
  if (PG_ARGISNULL(0)) return {.reason = "missing"};
  gatehouse::statement_text::note_secret();
  const std::string_view key = gatehouse::view_of(PG_GETARG_TEXT_PP(0));
  api_keys::expect(api_keys::claimed_lookup_id(key));
  const api_keys::ParsedKey parsed = api_keys::parse_key(key);
  if (!parsed.well_formed) return {.reason = "malformed"};
  if (gatehouse::operation::standby_is_stale()) return {.reason = "stale standby"};

  api_keys::foresee(parsed.lookup_id);
  const api_keys::Presented presented = api_keys::present(key);
  const api_keys::KeyProbe probe = api_keys::probe(parsed.lookup_id);
  Match result = {.reason =
                      api_keys::refusal_of(probe, presented, {.scopes = PG_GETARG_DATUM(1), .ip = fcinfo->args[2]})};
  if (result.reason == nullptr) {
    result.row = accept(fcinfo, probe);
    api_keys::note_use(id_of(probe).id, fcinfo->args[2]);
  } else if (result.reason != api_keys::kUnknownKey) {
    // Whoever doesn't hold the key's secret must not bring its name into the log.
    result.id = id_of(probe);
  }
  finish_probe(probe);
  return result;
}

}  // namespace

// match_api_key(api_key text, required_scopes text[], ip inet) → gatehouse.api_key_match: NULL where refused. Of SQL
// version 0.1.
extern "C" Datum gatehouse_api_keys_match(PG_FUNCTION_ARGS) {
  const Match matched = match(fcinfo, matched_key);
  if (matched.reason != nullptr) PG_RETURN_NULL();
  PG_RETURN_DATUM(matched.row);
}

namespace gatehouse::api_keys {

Datum verify_reporting(FunctionCallInfo fcinfo, Accept accept) {
  const Match matched = match(fcinfo, accept);
  if (matched.reason == nullptr) return matched.row;
  audit::report_refused_key(matched.reason, matched.id, PG_ARGISNULL(2) ? nullptr : PG_GETARG_INET_PP(2));
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

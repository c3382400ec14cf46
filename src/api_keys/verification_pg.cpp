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
PG_FUNCTION_INFO_V1(gatehouse_api_keys_check);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_match);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_match_reporting);
}

namespace api_keys = gatehouse::api_keys;
namespace audit = gatehouse::audit;
using api_keys::Verdict;

namespace {

constexpr std::array<api_keys::Column, 5> kShown = {api_keys::kId, api_keys::kUserId, api_keys::kScopes,
                                                    api_keys::kName, api_keys::kExpiresAt};

Datum matched_key(FunctionCallInfo fcinfo, const api_keys::KeyProbe& probe) {
  std::array<Datum, kShown.size()> values{};
  std::array<bool, kShown.size()> nulls{};
  for (std::size_t i = 0; i < kShown.size(); ++i) values[i] = probe.column(kShown[i], &nulls[i]);
  const TupleDesc shape = lookup_rowtype_tupdesc(get_fn_expr_rettype(fcinfo->flinfo), -1);
  const Datum row = HeapTupleGetDatum(heap_form_tuple(shape, values.data(), nulls.data()));
  ReleaseTupleDesc(shape);
  return row;
}

audit::OptionalId id_of(const api_keys::KeyProbe& probe) {
  bool is_null;
  return {true, *DatumGetUUIDP(probe.column(api_keys::kId, &is_null))};
}

// What can be said without a look into the table; kOk where that is needed.
struct Parsed {
  Verdict verdict;
  std::string_view key;
  std::int64_t lookup_id;
};

Parsed parsed_key(FunctionCallInfo fcinfo) {
  // Not the same as no scopes: a list that got lost on its way must not open what it was to guard.
  if (PG_ARGISNULL(1)) gatehouse::raise({gatehouse::Fault::kNullArgument, 0, "required_scopes"});
  if (PG_ARGISNULL(0)) return {.verdict = Verdict::kMissing};
  gatehouse::statement_text::note_secret();
  const std::string_view key = gatehouse::view_of(PG_GETARG_TEXT_PP(0));
  api_keys::expect(api_keys::claimed_lookup_id(key));
  const api_keys::ParsedKey parsed = api_keys::parse_key(key);
  if (!parsed.well_formed) return {.verdict = Verdict::kMalformed};
  if (gatehouse::operation::standby_is_stale()) return {.verdict = Verdict::kStaleStandby};
  return {Verdict::kOk, key, parsed.lookup_id};
}

// Of what `tell` gives nothing may point into the probe.
template <class Tell>
void judge_row(FunctionCallInfo fcinfo, const Parsed& parsed, Tell tell) {
  api_keys::foresee(parsed.lookup_id);
  const api_keys::Presented presented = api_keys::present(parsed.key);
  const api_keys::KeyProbe probe = api_keys::probe(parsed.lookup_id);
  tell(probe, api_keys::judge(probe, presented, {.scopes = PG_GETARG_DATUM(1), .ip = fcinfo->args[2]}));
  finish_probe(probe);
}

struct Match {
  Verdict verdict;
  Datum row;             // where it is kOk
  audit::OptionalId id;  // of a refused key whose secret is proven
};

Match match(FunctionCallInfo fcinfo, api_keys::Accept accept) {
  const Parsed parsed = parsed_key(fcinfo);
  Match result = {.verdict = parsed.verdict};
  if (parsed.verdict != Verdict::kOk) return result;

  judge_row(fcinfo, parsed, [&](const api_keys::KeyProbe& probe, Verdict verdict) {
    result.verdict = verdict;
    if (verdict == Verdict::kOk) {
      result.row = accept(fcinfo, probe);
      api_keys::note_use(id_of(probe).id, fcinfo->args[2]);
    } else if (api_keys::words_for(verdict).secret_is_proven) {
      result.id = id_of(probe);
    }
  });
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
  TupleDesc shape;
  if (get_call_result_type(fcinfo, nullptr, &shape) != TYPEFUNC_COMPOSITE)
    gatehouse::raise({gatehouse::Fault::kInternal});
  const auto row = [shape](Verdict verdict, const api_keys::KeyProbe* proven) {
    std::array<Datum, 1 + kShown.size()> values = {gatehouse::text_datum(api_keys::words_for(verdict).status)};
    std::array<bool, 1 + kShown.size()> nulls{};
    for (std::size_t i = 0; i < kShown.size(); ++i) {
      nulls[1 + i] = true;
      if (proven != nullptr) values[1 + i] = proven->column(kShown[i], &nulls[1 + i]);
    }
    return HeapTupleGetDatum(heap_form_tuple(shape, values.data(), nulls.data()));
  };

  const Parsed parsed = parsed_key(fcinfo);
  if (parsed.verdict != Verdict::kOk) PG_RETURN_DATUM(row(parsed.verdict, nullptr));
  Datum result{};
  judge_row(fcinfo, parsed, [&](const api_keys::KeyProbe& probe, Verdict verdict) {
    result = row(verdict, api_keys::words_for(verdict).secret_is_proven ? &probe : nullptr);
  });
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

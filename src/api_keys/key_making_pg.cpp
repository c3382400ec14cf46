// Makes an API key and what is stored of it. Edge.
#include "api_keys/key_format.h"
#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/server_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "crypto/token.h"
#include "statement_text/concern_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_api_keys_make);
}

namespace api_keys = gatehouse::api_keys;
namespace crypto = gatehouse::crypto;

// make_api_key(OUT api_key text, OUT lookup_id bigint, OUT key_digest bytea, OUT ring_key_id integer, OUT hint text)
extern "C" Datum gatehouse_api_keys_make(PG_FUNCTION_ARGS) {
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE)
    gatehouse::raise({gatehouse::Fault::kInternal});

  gatehouse::statement_text::note_secret();
  const crypto::RingKey ring_key = crypto::current_ring_key();
  const std::string_view prefix = gatehouse::settings::api_key_prefix();
  const std::size_t size = prefix.size() + 1 + api_keys::kBodySize;
  text* key = gatehouse::allocate_text(size);
  const std::span<char> into{VARDATA(key), size};
  const std::int64_t lookup_id =
      gatehouse::value_or_raise(gatehouse::run_core([&] { return api_keys::make_key(prefix, into); }));
  const std::string_view made{into.data(), into.size()};

  std::array<Datum, 5> values = {
      PointerGetDatum(key),
      Int64GetDatum(lookup_id),
      gatehouse::bytea_datum(crypto::token_digest(made, ring_key.key)),
      Int32GetDatum(ring_key.id),
      gatehouse::text_datum(api_keys::key_hint(made).view()),
  };
  std::array<bool, 5> nulls{};
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(row, values.data(), nulls.data())));
}

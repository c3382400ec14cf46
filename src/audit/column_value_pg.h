// The JSON of one column's value: what to_jsonb gives under neutral settings, for any type. Edge.
//
// to_jsonb calls a cast to json where somebody has made one for the type. Whoever changes a table need not trust the owners of its
// columns' types, so a cast counts that belongs to the table's owner or to a superuser. With any other in it a value is written as the
// text that its type's output function gives.
#pragma once

#include "audit/json_object_pg.h"
#include "audit/neutral_settings_pg.h"
#include "boundary/server_pg.h"

namespace gatehouse::audit {

// How values of a type are written. All but kToJsonb are short cuts to the same result.
enum class ValueForm : std::uint8_t {
  kBoolean,
  kBytea,
  kDateTime,  // date, timestamp, timestamptz
  kFloat4,
  kFloat8,
  kInt2,
  kInt4,
  kInt8,
  kJsonb,
  kName,
  kNumeric,
  kOutput,  // its text: to_jsonb gives that, or would call a stranger's function
  kText,  // text, varchar, bpchar
  kToJsonb,
  kUuid,
};

struct ValuePlan {
  Oid type;  // of a domain the type beneath
  ValueForm form;
  bool session_dependent;  // to_jsonb must run under neutral settings
  bool has_attributes;     // there is a composite type in it, whose changes the catalog doesn't tell of as the column's
  FmgrInfo* function;      // of kToJsonb to_jsonb, of kOutput the output function
};

// What the plan needs beyond itself is allocated in the current context and must live as long.
ValuePlan plan_value(Oid type, Oid table_owner);

// Adds the value, which is not NULL; enters the neutral settings where it needs them.
void add_value(JsonObject& object, const ValuePlan& plan, Datum value, NeutralSettings& settings);

}  // namespace gatehouse::audit

#include "audit/row_image_pg.h"

namespace gatehouse::audit {

namespace {

// That a redacted column is there, or has changed, is told; what it holds is not, not even whether it is NULL.
void add_redaction(JsonObject& object) {
  JsonObject mark;
  mark.begin(1);
  mark.add_key("redacted");
  mark.add_boolean(true);
  object.add_jsonb(mark.finish());
}

}  // namespace

Jsonb* object_of(const AuditedRelation& table, Selection selection, const TupleTableSlot& slot,
                 NeutralSettings& settings) {
  JsonObject object;
  object.begin(static_cast<int>(selection.size()));
  for (const std::uint16_t at : selection) {
    const AuditedColumn& column = table.columns[at];
    object.add_key({NameStr(column.name), static_cast<std::size_t>(column.name_size)});
  }
  for (const std::uint16_t at : selection) {
    const AuditedColumn& column = table.columns[at];
    if (column.redacted) {
      add_redaction(object);
    } else if (slot.tts_isnull[column.number - 1]) {
      object.add_null();
    } else {
      add_value(object, column.plan, slot.tts_values[column.number - 1], settings);
    }
  }
  return object.finish();
}

}  // namespace gatehouse::audit

// The trigger functions of audited tables: each change is logged at once, row by row.
#include <algorithm>

#include "audit/audited_rows_pg.h"
#include "audit/log_writer_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/server_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_audit_log_partition_end);
PG_FUNCTION_INFO_V1(gatehouse_audit_log_row_change);
PG_FUNCTION_INFO_V1(gatehouse_audit_log_truncate);
}

namespace gatehouse::audit {

namespace {

TriggerData& trigger_data(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo)) raise({Fault::kAuditTriggerMisused});
  auto* data = reinterpret_cast<TriggerData*>(fcinfo->context);
  if (!TRIGGER_FIRED_AFTER(data->tg_event)) raise({Fault::kAuditTriggerMisused});
  return *data;
}

// Whether the two are the same to the byte. A value that an update left alone keeps its pointer into the
// TOAST table and need not be fetched to be found the same.
bool same_image(const AuditedColumn& column, Datum a, Datum b) {
  if (column.length == -1) {
    const auto* left = reinterpret_cast<const char*>(DatumGetPointer(a));
    const auto* right = reinterpret_cast<const char*>(DatumGetPointer(b));
    const Size size = VARSIZE_ANY(left);
    if (size == VARSIZE_ANY(right) && memcmp(left, right, size) == 0) return true;
  }
  return datum_image_eq(a, b, column.by_value, column.length);
}

Selection changed_columns(const AuditedRelation& table, const TupleTableSlot& before, const TupleTableSlot& after) {
  auto* changed = static_cast<std::uint16_t*>(palloc(table.columns.size() * sizeof(std::uint16_t) + 1));
  std::size_t count = 0;
  for (const std::uint16_t at : table.everything) {
    const AuditedColumn& column = table.columns[at];
    const int i = column.number - 1;
    const bool same = before.tts_isnull[i] || after.tts_isnull[i]
                          ? before.tts_isnull[i] == after.tts_isnull[i]
                          : same_image(column, before.tts_values[i], after.tts_values[i]);
    if (!same) changed[count++] = at;
  }
  return {changed, count};
}

// Of two selections.
bool has_any(Selection a, Selection b) {
  return std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end();
}

// Builds what is to be logged. False where nothing that the log shows has changed.
bool describe_change(const TriggerData& data, const AuditedRelation& table, RowChange& change) {
  NeutralSettings settings;
  change.table_id = table.table_id;
  TupleTableSlot& row = *data.tg_trigslot;
  slot_getallattrs(&row);
  if (TRIGGER_FIRED_BY_UPDATE(data.tg_event)) {
    TupleTableSlot& after = *data.tg_newslot;
    slot_getallattrs(&after);
    const Selection changed = changed_columns(table, row, after);
    if (changed.empty()) return false;
    change.operation = Operation::kUpdate;
    change.old_values = object_of(table, changed, row, settings);
    change.new_values = object_of(table, changed, after, settings);
    if (has_any(table.key, changed)) change.new_key = object_of(table, table.key, after, settings);
  } else if (TRIGGER_FIRED_BY_INSERT(data.tg_event)) {
    change.operation = Operation::kInsert;
    change.new_values = object_of(table, table.everything, row, settings);
  } else {
    change.operation = Operation::kDelete;
    change.old_values = object_of(table, table.everything, row, settings);
  }
  change.key = object_of(table, table.identity(), row, settings);
  change.partition = table.partition;
  settings.leave();
  return true;
}

// In the current context.
const char* qualified_name(Relation relation) {
  NeutralSettings settings;
  settings.enter();  // names are quoted as quote_all_identifiers says
  const char* name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)), RelationGetRelationName(relation));
  settings.leave();
  return name;
}

// The end of all rows, or of those of a partition alone: then the log says which, for people by the name that it has at the time.
void write_end(std::int32_t table_id, std::int32_t partition, const char* partition_name) {
  RowChange change = {.table_id = table_id, .operation = Operation::kTruncate, .partition = partition};
  if (partition_name != nullptr) {
    JsonObject key;
    key.begin(1);
    key.add_key("partition");
    key.add_string(partition_name);
    change.key = key.finish();
  }
  write_row_change(change);
}

void log_row_change(const TriggerData& data) {
  const AuditedRelation table = audited_relation(data.tg_relation, *data.tg_trigger);
  Scratch scratch;
  scratch.enter();
  RowChange change = {};
  if (describe_change(data, table, change)) write_row_change(change);
  scratch.leave();
}

// Triggers that came first can have filled the table again: then these rows are told once more, behind the TRUNCATE.
void log_rows_since(Relation emptied) {
  CommandCounterIncrement();
  PushActiveSnapshot(GetLatestSnapshot());
  visit_audited_tables(RelationGetRelid(emptied), [&](Relation relation, const AuditedRelation& table) {
    visit_rows(relation, [&](const TupleTableSlot& row) {
      Scratch scratch;
      scratch.enter();
      write_row_change({.table_id = table.table_id,
                        .operation = Operation::kInsert,
                        .key = object_by_owner(relation, table, table.identity(), row),
                        .new_values = object_by_owner(relation, table, table.everything, row),
                        .partition = table.partition});
      scratch.leave();
    });
  });
  PopActiveSnapshot();
}

void log_truncate(const TriggerData& data) {
  Scratch scratch;
  scratch.enter();
  const Trigger* row_trigger = row_trigger_of(data.tg_relation);
  const bool is_root = row_trigger != nullptr ? !row_trigger->tgisclone : !data.tg_relation->rd_rel->relispartition;
  const char* partition_name = is_root ? nullptr : qualified_name(data.tg_relation);
  write_end(table_id_of(*data.tg_trigger), partition_id_of(*data.tg_trigger), partition_name);
  scratch.leave();
  log_rows_since(data.tg_relation);
}

void log_partition_end(std::int32_t table_id, std::int32_t partition, const char* name) {
  Scratch scratch;
  scratch.enter();
  write_end(table_id, partition, name);
  scratch.leave();
}

}  // namespace

}  // namespace gatehouse::audit

// log_row_change() → trigger
extern "C" Datum gatehouse_audit_log_row_change(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  const TriggerData& data = audit::trigger_data(fcinfo);
  if (!TRIGGER_FIRED_FOR_ROW(data.tg_event)) raise({Fault::kAuditTriggerMisused});
  audit::log_row_change(data);
  return PointerGetDatum(nullptr);
}

// log_truncate() → trigger
extern "C" Datum gatehouse_audit_log_truncate(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  const TriggerData& data = audit::trigger_data(fcinfo);
  if (!TRIGGER_FIRED_BY_TRUNCATE(data.tg_event)) raise({Fault::kAuditTriggerMisused});
  audit::log_truncate(data);
  return PointerGetDatum(nullptr);
}

// log_partition_end(table_id integer, partition_id integer, name text) → void
extern "C" Datum gatehouse_audit_log_partition_end(PG_FUNCTION_ARGS) {
  gatehouse::audit::log_partition_end(PG_GETARG_INT32(0), PG_GETARG_INT32(1), text_to_cstring(PG_GETARG_TEXT_PP(2)));
  PG_RETURN_VOID();
}

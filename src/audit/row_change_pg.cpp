// The trigger functions of audited tables: each change is logged at once, row by row.
#include <algorithm>

#include "audit/audited_rows_pg.h"
#include "audit/log_writer_pg.h"
#include "audit/scratch_pg.h"
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

// A partition's TRUNCATE ends its rows alone: the log says which, by the name that it has at the time.
Jsonb* partition_key(std::string_view name) {
  JsonObject object;
  object.begin(1);
  object.add_key("partition");
  object.add_string(name);
  return object.finish();
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
  const Rights of_caller = current_rights();
  visit_audited_rows(RelationGetRelid(emptied), [&](const AuditedRelation& table, const TupleTableSlot& row) {
    Scratch scratch;
    scratch.enter();
    NeutralSettings settings;
    const RowChange change = {.table_id = table.table_id,
                              .operation = Operation::kInsert,
                              .key = object_of(table, table.identity(), row, settings),
                              .old_values = nullptr,
                              .new_values = object_of(table, table.everything, row, settings),
                              .new_key = nullptr,
                              .partition = table.partition};
    settings.leave();
    const Rights of_table_owner = current_rights();
    give_back_rights(of_caller);
    write_row_change(change);
    give_back_rights(of_table_owner);
    scratch.leave();
  });
  PopActiveSnapshot();
}

void log_truncate(const TriggerData& data) {
  Scratch scratch;
  scratch.enter();
  RowChange change = {.table_id = table_id_of(*data.tg_trigger), .operation = Operation::kTruncate};
  if (data.tg_relation->rd_rel->relispartition) change.key = partition_key(qualified_name(data.tg_relation));
  write_row_change(change);
  scratch.leave();
  log_rows_since(data.tg_relation);
}

void log_partition_end(std::int32_t table_id, const text* name) {
  Scratch scratch;
  scratch.enter();
  write_row_change({.table_id = table_id,
                    .operation = Operation::kTruncate,
                    .key = partition_key({VARDATA_ANY(name), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(name))})});
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

// log_partition_end(table_id integer, partition text) → void
extern "C" Datum gatehouse_audit_log_partition_end(PG_FUNCTION_ARGS) {
  gatehouse::audit::log_partition_end(PG_GETARG_INT32(0), PG_GETARG_TEXT_PP(1));
  PG_RETURN_VOID();
}

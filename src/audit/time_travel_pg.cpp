// The rows of an audited table as they were. Edge.
//
// Two ways lead to a place in the past. Forward from the beginning of the log: of each row that was inserted since, everything is
// known. Back from the rows that the table has now, undoing each change: so rows are known that are older than the log, or older
// than what was kept of it. Back across a TRUNCATE nothing is known, nor across the end of a column what it held.
//
// The first way says what it knows; the second adds the rows that the first does not know and, of those it knows in part, the rest.
#include "audit/audited_rows_pg.h"
#include "audit/log_writer_pg.h"
#include "audit/row_states_pg.h"
#include "boundary/owner_rights_pg.h"
#include "boundary/raise_pg.h"

extern "C" {
#include "executor/spi.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_rows_at);
}

namespace gatehouse::audit {

namespace {

constexpr long kRowsAtOnce = 1000;

// The place in the log: after all changes up to `at`, or before the change of a number.
struct Place {
  NullableDatum at;
  NullableDatum before;

  bool is_after(const Mark& mark) const {
    return before.isnull ? mark.recorded_at <= DatumGetTimestampTz(at.value) : mark.id < DatumGetInt64(before.value);
  }
};

// A partition that came with rows.
struct Arrival {
  std::int32_t partition;
  Mark since;
};

struct Journey {
  std::int32_t table_id;
  Place place;
  NullableDatum key_hashes;  // only changes of these keys, bigint[]; null is all
  std::span<Shape> shapes;
  std::span<Arrival> arrivals;  // the last first
  MemoryContext memory;         // of what is found
};

// A row of the log; its values are the cursor's.
struct Change {
  std::int64_t id;
  char operation;
  Jsonb* key;
  Jsonb* old_values;
  Jsonb* new_values;
  std::int32_t partition;  // of a TRUNCATE the one that was emptied
  bool moves;              // the primary key changes
};

Jsonb* jsonb_column(int row, int column) {
  bool is_null;
  const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
  return is_null ? nullptr : DatumGetJsonbP(value);
}

const char* text_column(int row, int column) {
  return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

Jsonb* copy(Jsonb* value) {
  auto* result = static_cast<Jsonb*>(palloc(VARSIZE(value)));
  memcpy(result, value, VARSIZE(value));
  return result;
}

std::int64_t int_column(int row, int column) {
  bool is_null;
  return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null));
}

Change change_at(int row) {
  const char* operation = text_column(row, 2);
  return {.id = int_column(row, 1),
          .operation = operation[0],
          .key = jsonb_column(row, 3),
          .old_values = jsonb_column(row, 4),
          .new_values = jsonb_column(row, 5),
          .partition = static_cast<std::int32_t>(int_column(row, 6)),
          .moves = int_column(row, 7) != 0};
}

// Calls visit(change) for each change on one side of the place, in the order of time or against it.
template <class Visit>
void visit_changes(const Journey& journey, bool forward, Visit visit) {
  const char* query = psprintf(
      "SELECT c.id, c.operation, c.key, c.old, c.new, coalesce(c.partition_id, 0)::bigint, (c.new_key_hash IS NOT NULL)::integer::bigint "
      "FROM gatehouse.row_change_log c WHERE c.table_id = $1 AND ($2 IS NULL OR c.changed_at %s $2) AND ($3 IS NULL OR c.id %s $3) "
      "AND ($4 IS NULL OR c.key_hash = ANY ($4) OR c.key_hash = 0 AND c.operation = 'T') ORDER BY c.id %s",
      forward ? "<=" : ">", forward ? "<" : ">=", forward ? "" : "DESC");
  std::array<Oid, 4> types = {INT4OID, TIMESTAMPTZOID, INT8OID, INT8ARRAYOID};
  const Place& place = journey.place;
  std::array<Datum, 4> values = {Int32GetDatum(journey.table_id), place.at.value, place.before.value,
                                 journey.key_hashes.value};
  const std::array<char, 5> nulls = {' ', place.at.isnull ? 'n' : ' ', place.before.isnull ? 'n' : ' ',
                                     journey.key_hashes.isnull ? 'n' : ' ', '\0'};
  Portal cursor = SPI_cursor_open_with_args(nullptr, query, types.size(), types.data(), values.data(), nulls.data(), true, 0);
  for (;;) {
    SPI_cursor_fetch(cursor, true, kRowsAtOnce);
    const std::uint64_t count = SPI_processed;
    if (count == 0) break;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Change change = change_at(static_cast<int>(i));
      MemoryContext before = MemoryContextSwitchTo(journey.memory);
      visit(change);
      MemoryContextSwitchTo(before);
    }
    SPI_freetuptable(SPI_tuptable);
  }
  SPI_cursor_close(cursor);
}

std::span<Shape> load_shapes(std::int32_t table_id, MemoryContext memory) {
  Oid type = INT4OID;
  Datum value = Int32GetDatum(table_id);
  if (SPI_execute_with_args(
          "SELECT s.since, s.recorded_at, (c.value ->> 'id')::bigint, c.value ->> 'name', c.value -> 'missing', "
          "((c.value ->> 'id')::integer = ANY (s.key))::integer::bigint, s.restates::integer::bigint, (c.value ? 'redacted')::integer::bigint "
          "FROM gatehouse.audit_shapes s LEFT JOIN jsonb_array_elements(s.columns) c ON true WHERE s.table_id = $1 ORDER BY s.since",
          1, &type, &value, nullptr, true, 0) != SPI_OK_SELECT) {
    raise({Fault::kInternal});
  }
  MemoryContext before = MemoryContextSwitchTo(memory);
  const auto count = static_cast<int>(SPI_processed);
  auto* columns = static_cast<ShapeColumn*>(palloc(count * sizeof(ShapeColumn) + 1));
  auto* shapes = static_cast<Shape*>(palloc(count * sizeof(Shape) + 1));
  std::size_t found = 0;
  for (int i = 0; i < count; ++i) {
    Jsonb* missing = jsonb_column(i, 5);
    columns[i] = {.id = static_cast<std::int32_t>(int_column(i, 3)),
                  .name = text_column(i, 4),
                  .missing = missing == nullptr ? nullptr : copy(missing),
                  .in_key = int_column(i, 6) != 0,
                  .redacted = int_column(i, 8) != 0};
    const std::int64_t since = int_column(i, 1);
    if (found == 0 || shapes[found - 1].since.id != since) {
      shapes[found++] = {.since = {since, int_column(i, 2)}, .restates = int_column(i, 7) != 0, .columns = {&columns[i], 0}};
    }
    if (columns[i].name == nullptr) continue;  // without a column, whose place is the next shape's first
    Shape& shape = shapes[found - 1];
    shape.columns = {shape.columns.data(), shape.columns.size() + 1};
  }
  MemoryContextSwitchTo(before);
  SPI_freetuptable(SPI_tuptable);
  return {shapes, found};
}

std::span<Arrival> load_arrivals(std::int32_t table_id, MemoryContext memory) {
  Oid type = INT4OID;
  Datum value = Int32GetDatum(table_id);
  if (SPI_execute_with_args("SELECT p.partition_id::bigint, p.since, p.recorded_at FROM gatehouse.audit_partitions p "
                            "WHERE p.table_id = $1 AND p.since > 0 ORDER BY p.since DESC",
                            1, &type, &value, nullptr, true, 0) != SPI_OK_SELECT) {
    raise({Fault::kInternal});
  }
  const std::size_t count = SPI_processed;
  auto* found = static_cast<Arrival*>(MemoryContextAlloc(memory, count * sizeof(Arrival) + 1));
  for (std::size_t i = 0; i < count; ++i) {
    const int row = static_cast<int>(i);
    found[i] = {.partition = static_cast<std::int32_t>(int_column(row, 1)), .since = {int_column(row, 2), int_column(row, 3)}};
  }
  SPI_freetuptable(SPI_tuptable);
  return {found, count};
}

RowState* new_row(Jsonb* key, Jsonb* values, std::int32_t partition, bool complete) {
  auto* row = static_cast<RowState*>(palloc(sizeof(RowState)));
  *row = {.key = copy(key), .values = copy(values), .partition = partition, .complete = complete, .next = nullptr};
  return row;
}

Jsonb* without_members_of(Jsonb* object, Jsonb* names) {
  JsonbIterator* scan = JsonbIteratorInit(&names->root);
  JsonbValue name;
  for (JsonbIteratorToken token; (token = JsonbIteratorNext(&scan, &name, true)) != WJB_DONE;) {
    if (token != WJB_KEY) continue;
    const Datum text = PointerGetDatum(cstring_to_text_with_len(name.val.string.val, name.val.string.len));
    object = DatumGetJsonbP(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(object), text));
  }
  return object;
}

bool has_all_columns(const Shape& shape, Jsonb* values) { return JB_ROOT_COUNT(values) >= shape.columns.size(); }

// The key after an update: of a row without a key all of it, which an update shows where it changes.
Jsonb* key_after(const Shape& shape, const Change& change) {
  if (change.new_values == nullptr || (shape.has_key() && !change.moves)) return change.key;
  Jsonb* key = key_of(shape, merge(change.key, change.new_values));
  return key == nullptr ? change.key : key;
}

void apply(RowStates& rows, const Shape& shape, const Change& change) {
  switch (change.operation) {
    case 'I':
      rows.add(new_row(change.key, change.new_values, change.partition, true));
      return;
    case 'U': {
      const bool is_restated = shape.restates && change.old_values == nullptr;
      RowState* row = is_restated ? nullptr : rows.find_like(shape, change.key);
      if (row != nullptr) {
        rows.remove(row);
        row->values = merge(merge(row->values, change.key), change.new_values);
        row->key = copy(key_after(shape, change));
      } else {
        row = new_row(key_after(shape, change), merge(change.key, change.new_values), change.partition, false);
      }
      row->complete = row->complete || has_all_columns(shape, row->values);
      rows.add(row);
      return;
    }
    case 'D':
      if (RowState* row = rows.find_like(shape, change.key)) rows.remove(row);
      return;
    default:
      if (change.key == nullptr) return rows.begin();
      rows.remove_partition(change.partition);
  }
}

void undo(RowStates& rows, const Shape& shape, const Change& change) {
  switch (change.operation) {
    case 'I':
      if (RowState* row = rows.find_like(shape, change.key)) rows.remove(row);
      return;
    case 'U': {
      RowState* row = rows.find_like(shape, key_after(shape, change));
      if (row != nullptr) {
        rows.remove(row);
      } else {
        row = new_row(change.key, change.key, change.partition, false);
      }
      // Where it doesn't say what was before, nothing is known of it.
      row->values = change.old_values != nullptr ? merge(merge(row->values, change.key), change.old_values)
                                                 : merge(without_members_of(row->values, change.new_values), change.key);
      row->key = copy(change.key);
      row->complete = has_all_columns(shape, row->values);
      rows.add(row);
      return;
    }
    case 'D':
      rows.add(new_row(change.key, change.old_values, change.partition, true));
      return;
    default:
      return;
  }
}

// Gives the shape that the table has at the place.
const Shape& go_forward(const Journey& journey, RowStates& rows) {
  std::size_t shape = 0;
  const std::span<Shape> shapes = journey.shapes;
  visit_changes(journey, true, [&](const Change& change) {
    for (; shape + 1 < shapes.size() && shapes[shape + 1].since.id < change.id; ++shape) {
      rows.reshape(shapes[shape], shapes[shape + 1]);
    }
    apply(rows, shapes[shape], change);
  });
  for (; shape + 1 < shapes.size() && journey.place.is_after(shapes[shape + 1].since); ++shape) {
    rows.reshape(shapes[shape], shapes[shape + 1]);
  }
  return shapes[shape];
}

bool is_wanted(const Journey& journey, Jsonb* key) {
  if (journey.key_hashes.isnull) return true;
  const std::int64_t hash = hash_of_key(key, journey.table_id);
  const ArrayType* hashes = DatumGetArrayTypeP(journey.key_hashes.value);
  const auto* values = reinterpret_cast<const std::int64_t*>(ARR_DATA_PTR(hashes));
  const int count = ArrayGetNItems(ARR_NDIM(hashes), ARR_DIMS(hashes));
  for (int i = 0; i < count; ++i) {
    if (values[i] == hash) return true;
  }
  return false;
}

void add_present_rows(const Journey& journey, Oid root, RowStates& rows) {
  visit_audited_tables(root, [&](Relation relation, const AuditedRelation& table) {
    visit_rows(relation, [&](const TupleTableSlot& slot) {
      Scratch scratch;
      scratch.enter();
      Jsonb* key = object_by_owner(relation, table, table.identity(), slot);
      if (is_wanted(journey, key)) {
        Jsonb* values = object_by_owner(relation, table, table.everything, slot);
        MemoryContext before = MemoryContextSwitchTo(journey.memory);
        rows.add(new_row(key, values, table.partition, true));
        MemoryContextSwitchTo(before);
      }
      scratch.leave();
    });
  });
}

void go_back(const Journey& journey, RowStates& rows) {
  const std::span<Shape> shapes = journey.shapes;
  std::size_t shape = shapes.size() - 1;
  std::span<Arrival> arrivals = journey.arrivals;
  const auto undo_marks = [&](auto lies_ahead) {
    for (; shape > 0 && lies_ahead(shapes[shape].since); --shape) rows.reshape(shapes[shape], shapes[shape - 1]);
    for (; !arrivals.empty() && lies_ahead(arrivals.front().since); arrivals = arrivals.subspan(1)) {
      rows.remove_partition(arrivals.front().partition);
    }
  };
  visit_changes(journey, false, [&](const Change& change) {
    undo_marks([&](const Mark& mark) { return mark.id > change.id; });
    undo(rows, shapes[shape], change);
  });
  undo_marks([&](const Mark& mark) { return !journey.place.is_after(mark); });
}

// Whoever waits for a lock sees what was done meanwhile, in the log and in the table alike, where the transaction has no snapshot to keep.
// The keys of one row were found by the caller's snapshot, which holds for the rest then.
void lock_and_see(Oid root, bool of_one_row) {
  if (Relation table = OidIsValid(root) ? try_table_open(root, AccessShareLock) : nullptr) {
    list_free(with_partitions(table));
    table_close(table, NoLock);
  }
  PushActiveSnapshot(of_one_row || IsolationUsesXactSnapshot() ? GetActiveSnapshot() : GetLatestSnapshot());
}

void give(const ReturnSetInfo* results, const RowState& row) {
  std::array<Datum, 3> values = {JsonbPGetDatum(row.key), JsonbPGetDatum(row.values), BoolGetDatum(row.complete)};
  std::array<bool, 3> nulls = {};
  tuplestore_putvalues(results->setResult, results->setDesc, values.data(), nulls.data());
}

void give_rows(const Journey& journey, Oid relation, const ReturnSetInfo* results) {
  RowStates told;
  told.begin();
  const Shape& shape = go_forward(journey, told);
  if (OidIsValid(relation)) {
    RowStates present;
    present.begin();
    add_present_rows(journey, relation, present);
    go_back(journey, present);
    told.visit([&](RowState* row) {
      RowState* same = present.find_like(shape, row->key);
      if (same == nullptr) return;
      told.remove(row);
      present.remove(same);
      row->values = merge(same->values, row->values);
      row->complete = has_all_columns(shape, row->values);
      give(results, *row);
    });
    present.visit([&](RowState* row) {
      if (RowState* same = told.find_like(shape, row->key)) told.remove(same);
      give(results, *row);
    });
  }
  told.visit([&](RowState* row) { give(results, *row); });
}

}  // namespace

}  // namespace gatehouse::audit

// rows_at(relation regclass, table_id integer, at timestamptz, before bigint, key_hashes bigint[]) → setof (key jsonb, row_values
// jsonb, complete boolean)
extern "C" Datum gatehouse_audit_rows_at(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  InitMaterializedSRF(fcinfo, 0);
  if (PG_ARGISNULL(1) || PG_ARGISNULL(2) == PG_ARGISNULL(3)) return Datum{0};
  const NullableDatum hashes = {PG_ARGISNULL(4) ? Datum{0} : PointerGetDatum(PG_GETARG_ARRAYTYPE_P(4)), PG_ARGISNULL(4)};
  audit::Journey journey = {
      .table_id = PG_GETARG_INT32(1),
      .place = {.at = fcinfo->args[2], .before = fcinfo->args[3]},
      .key_hashes = hashes,
      .shapes = {},
      .arrivals = {},
      .memory = AllocSetContextCreate(CurrentMemoryContext, "gatehouse rows of the past", ALLOCSET_DEFAULT_SIZES)};
  const Oid relation = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0);
  const Rights of_caller = take_owner_rights(SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  audit::lock_and_see(relation, !hashes.isnull);
  SPI_connect();
  journey.shapes = audit::load_shapes(journey.table_id, journey.memory);
  journey.arrivals = audit::load_arrivals(journey.table_id, journey.memory);
  if (!journey.shapes.empty()) {
    MemoryContext before = MemoryContextSwitchTo(journey.memory);
    audit::give_rows(journey, relation, reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo));
    MemoryContextSwitchTo(before);
  }
  SPI_finish();
  PopActiveSnapshot();
  give_back_rights(of_caller);
  MemoryContextDelete(journey.memory);
  return Datum{0};
}

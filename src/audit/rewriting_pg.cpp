// What ALTER TABLE does to the rows of an audited table fires no row trigger. When it rewrites them, the columns that it has made
// or changed are logged here, as updates that don't tell what was before. Edge.
#include "audit/audited_rows_pg.h"
#include "audit/log_writer_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/transaction_end_pg.h"

extern "C" {
#include "commands/event_trigger.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_log_rewritten_rows);
PG_FUNCTION_INFO_V1(gatehouse_audit_note_rewrite);
PG_FUNCTION_INFO_V1(gatehouse_audit_take_rewrite);
}

namespace gatehouse::audit {

namespace {

struct Rewriting {
  Oid table;
  SubTransactionId by;
  Datum columns;  // text[]: whose values were made anew, though their type may be what it was
};

List* rewritings;  // in TopTransactionContext

void at_transaction_end(const TransactionEnd& end) {
  if (end.from == TopSubTransactionId) {
    rewritings = NIL;
    return;
  }
  ListCell* cell;
  foreach (cell, rewritings) {
    if (static_cast<Rewriting*>(lfirst(cell))->by >= end.from) rewritings = foreach_delete_current(rewritings, cell);
  }
}

Datum altered_columns(const Node* command) {
  Datum names[MaxHeapAttributeNumber];
  int count = 0;
  if (IsA(command, AlterTableStmt)) {
    ListCell* cell;
    foreach (cell, reinterpret_cast<const AlterTableStmt*>(command)->cmds) {
      const auto* part = static_cast<const AlterTableCmd*>(lfirst(cell));
      if (part->subtype == AT_AlterColumnType && count < MaxHeapAttributeNumber) names[count++] = CStringGetTextDatum(part->name);
    }
  }
  return PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}

// The command holds its lock.
bool is_audited(Oid table) {
  Relation relation = table_open(table, NoLock);
  const bool has_trigger = row_trigger_of(relation) != nullptr;
  table_close(relation, NoLock);
  return has_trigger;
}

// Of a table that comes to be audited later, or a partition of one, what was made of its rows before is no change.
void note_rewrite(Oid table, const Node* command) {
  if (!is_audited(table)) return;
  follow_transactions(at_transaction_end);
  MemoryContext before = MemoryContextSwitchTo(TopTransactionContext);
  auto* rewriting = static_cast<Rewriting*>(palloc(sizeof(Rewriting)));
  *rewriting = {.table = table, .by = GetCurrentSubTransactionId(), .columns = altered_columns(command)};
  rewritings = lappend(rewritings, rewriting);
  MemoryContextSwitchTo(before);
}

// nullptr where it was not rewritten.
const Rewriting* take_rewriting(Oid table) {
  ListCell* cell;
  foreach (cell, rewritings) {
    const auto* rewriting = static_cast<const Rewriting*>(lfirst(cell));
    if (rewriting->table != table) continue;
    rewritings = foreach_delete_current(rewritings, cell);
    return rewriting;
  }
  return nullptr;
}

struct Names {
  Datum* values;
  int count;

  bool has(const AuditedColumn& column) const {
    for (int i = 0; i < count; ++i) {
      const text* name = DatumGetTextPP(values[i]);
      if (VARSIZE_ANY_EXHDR(name) == static_cast<Size>(column.name_size) &&
          memcmp(VARDATA_ANY(name), NameStr(column.name), column.name_size) == 0) {
        return true;
      }
    }
    return false;
  }
};

Names names_of(Datum array) {
  Names names{};
  bool* nulls;
  deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &names.values, &nulls, &names.count);
  return names;
}

Selection selected(const AuditedRelation& table, const Names& names) {
  auto* chosen = static_cast<std::uint16_t*>(palloc(table.columns.size() * sizeof(std::uint16_t) + 1));
  std::size_t count = 0;
  for (const std::uint16_t at : table.everything) {
    if (names.has(table.columns[at])) chosen[count++] = at;
  }
  return {chosen, count};
}

std::int64_t log_rewritten_rows(Oid root, const Names& names) {
  std::int64_t logged = 0;
  visit_audited_tables(root, [&](Relation relation, const AuditedRelation& table) {
    const Selection columns = selected(table, names);
    if (columns.empty()) return;
    visit_rows(relation, [&](const TupleTableSlot& row) {
      Scratch scratch;
      scratch.enter();
      write_row_change({.table_id = table.table_id,
                        .operation = Operation::kUpdate,
                        .key = object_by_owner(relation, table, table.identity(), row),
                        .new_values = object_by_owner(relation, table, columns, row),
                        .partition = table.partition});
      scratch.leave();
      ++logged;
    });
  });
  return logged;
}

}  // namespace

}  // namespace gatehouse::audit

// note_rewrite() → event_trigger, on table_rewrite
extern "C" Datum gatehouse_audit_note_rewrite(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) raise({Fault::kAuditTriggerMisused});
  const auto* event = reinterpret_cast<const EventTriggerData*>(fcinfo->context);
  audit::note_rewrite(DatumGetObjectId(OidFunctionCall0(F_PG_EVENT_TRIGGER_TABLE_REWRITE_OID)), event->parsetree);
  PG_RETURN_NULL();
}

// take_rewrite(relation regclass) → text[]; NULL where this transaction has not rewritten it since the last call
extern "C" Datum gatehouse_audit_take_rewrite(PG_FUNCTION_ARGS) {
  const gatehouse::audit::Rewriting* rewriting = gatehouse::audit::take_rewriting(PG_GETARG_OID(0));
  if (rewriting == nullptr) PG_RETURN_NULL();
  PG_RETURN_DATUM(rewriting->columns);
}

// log_rewritten_rows(relation regclass, columns text[]) → bigint
extern "C" Datum gatehouse_audit_log_rewritten_rows(PG_FUNCTION_ARGS) {
  PG_RETURN_INT64(
      gatehouse::audit::log_rewritten_rows(PG_GETARG_OID(0), gatehouse::audit::names_of(PG_GETARG_DATUM(1))));
}

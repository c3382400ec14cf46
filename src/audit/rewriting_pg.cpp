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

List* rewritten;  // tables, in TopTransactionContext

void at_transaction_end(const TransactionEnd& end) {
  if (end.from == TopSubTransactionId) rewritten = NIL;
}

void note_rewrite(Oid table) {
  follow_transactions(at_transaction_end);
  MemoryContext before = MemoryContextSwitchTo(TopTransactionContext);
  rewritten = list_append_unique_oid(rewritten, table);
  MemoryContextSwitchTo(before);
}

bool take_rewrite(Oid table) {
  const bool found = list_member_oid(rewritten, table);
  rewritten = list_delete_oid(rewritten, table);
  return found;
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
  audit::note_rewrite(DatumGetObjectId(OidFunctionCall0(F_PG_EVENT_TRIGGER_TABLE_REWRITE_OID)));
  PG_RETURN_NULL();
}

// take_rewrite(relation regclass) → boolean: whether this transaction has rewritten it since the last call
extern "C" Datum gatehouse_audit_take_rewrite(PG_FUNCTION_ARGS) {
  PG_RETURN_BOOL(gatehouse::audit::take_rewrite(PG_GETARG_OID(0)));
}

// log_rewritten_rows(relation regclass, columns text[]) → bigint
extern "C" Datum gatehouse_audit_log_rewritten_rows(PG_FUNCTION_ARGS) {
  PG_RETURN_INT64(
      gatehouse::audit::log_rewritten_rows(PG_GETARG_OID(0), gatehouse::audit::names_of(PG_GETARG_DATUM(1))));
}

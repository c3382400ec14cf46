// The rows that an audited table has now, as the log would show them. Edge.
#pragma once

#include "audit/row_image_pg.h"
#include "audit/scratch_pg.h"

extern "C" {
#include "catalog/pg_inherits.h"
#include "utils/snapmgr.h"
}

namespace gatehouse::audit {

// Writing a value as JSON can call a function of the table's owner. Outside of a trigger it has his rights, as the expressions of
// an index do, and what it sets ends with it.
Jsonb* object_by_owner(Relation relation, const AuditedRelation& table, Selection selection, const TupleTableSlot& slot);

// A table with its partitions, all locked; not what merely inherits.
inline List* with_partitions(Relation table) {
  const Oid id = RelationGetRelid(table);
  return table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ? find_all_inheritors(id, AccessShareLock, nullptr) : list_make1_oid(id);
}

// Calls visit(relation, description) for a table, or for each of its partitions, that has rows and bears the trigger.
template <class Visit>
void visit_audited_tables(Oid root, Visit visit) {
  Relation locked = try_table_open(root, AccessShareLock);
  if (locked == nullptr) return;
  Scratch scratch;  // keeps the descriptions readable
  scratch.enter();
  ListCell* cell;
  foreach (cell, with_partitions(locked)) {
    Relation relation = table_open(lfirst_oid(cell), NoLock);
    const Trigger* trigger = row_trigger_of(relation);
    const bool has_rows = relation->rd_rel->relkind == RELKIND_RELATION && RelationGetNumberOfBlocks(relation) > 0;
    if (has_rows && trigger != nullptr) visit(relation, audited_relation(relation, *trigger));
    table_close(relation, NoLock);
  }
  scratch.leave();
  table_close(locked, NoLock);
}

// Calls visit(slot) for each row that the active snapshot sees; whether anybody may read it is not asked.
template <class Visit>
void visit_rows(Relation relation, Visit visit) {
  TupleTableSlot* slot = table_slot_create(relation, nullptr);
  TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, nullptr);
  while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    CHECK_FOR_INTERRUPTS();
    slot_getallattrs(slot);
    visit(*slot);
  }
  table_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
}

}  // namespace gatehouse::audit

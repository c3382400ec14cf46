// The rows that an audited table has now, as the log would show them. Edge.
#pragma once

#include "audit/row_image_pg.h"
#include "boundary/owner_rights_pg.h"

extern "C" {
#include "catalog/pg_inherits.h"
#include "utils/snapmgr.h"
}

namespace gatehouse::audit {

// That of gatehouse.log_row_change(); nullptr where the relation has none.
const Trigger* audit_trigger(Relation relation);

// Calls visit(table, slot) for each row that the active snapshot sees, of a table or of each of its partitions that bear the
// trigger; whether anybody may read it is not asked. It runs with the rights of the table's owner, as an index's expressions do:
// writing a value as JSON can call a function of his, whose settings end with it. What `visit` allocates is the caller's matter.
template <class Visit>
void visit_audited_rows(Oid root, Visit visit) {
  Relation locked = try_table_open(root, AccessShareLock);
  if (locked == nullptr) return;
  List* tables = find_all_inheritors(root, AccessShareLock, nullptr);
  ListCell* cell;
  foreach (cell, tables) {
    Relation relation = table_open(lfirst_oid(cell), NoLock);
    const Trigger* trigger = audit_trigger(relation);
    const bool belongs = lfirst_oid(cell) == root || relation->rd_rel->relispartition;  // and doesn't merely inherit
    const bool has_rows = relation->rd_rel->relkind == RELKIND_RELATION && RelationGetNumberOfBlocks(relation) > 0;
    if (belongs && has_rows && trigger != nullptr) {
      const AuditedRelation table = audited_relation(relation, *trigger);
      TupleTableSlot* slot = table_slot_create(relation, nullptr);
      const Rights before = take_rights_of(relation->rd_rel->relowner, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
      const int settings_level = NewGUCNestLevel();
      TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, nullptr);
      while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        CHECK_FOR_INTERRUPTS();
        slot_getallattrs(slot);
        visit(table, *slot);
      }
      table_endscan(scan);
      AtEOXact_GUC(false, settings_level);
      give_back_rights(before);
      ExecDropSingleTupleTableSlot(slot);
    }
    table_close(relation, NoLock);
  }
  table_close(locked, NoLock);
}

}  // namespace gatehouse::audit

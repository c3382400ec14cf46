#include "audit/audited_rows_pg.h"

namespace gatehouse::audit {

void OwnersTurn::begin(Relation relation) {
  of_caller = take_rights_of(relation->rd_rel->relowner, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  settings_level = NewGUCNestLevel();
}

void OwnersTurn::end() {
  AtEOXact_GUC(false, settings_level);
  give_back_rights(of_caller);
}

Jsonb* object_by_owner(Relation relation, const AuditedRelation& table, Selection selection, const TupleTableSlot& slot) {
  OwnersTurn turn;
  turn.begin(relation);
  NeutralSettings settings;
  Jsonb* object = object_of(table, selection, slot, settings);
  settings.leave();
  turn.end();
  return object;
}

}  // namespace gatehouse::audit

#include "audit/audited_rows_pg.h"

#include "boundary/owner_rights_pg.h"

namespace gatehouse::audit {

Jsonb* object_by_owner(Relation relation, const AuditedRelation& table, Selection selection, const TupleTableSlot& slot) {
  const Rights of_caller = take_rights_of(relation->rd_rel->relowner, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  const int settings_level = NewGUCNestLevel();
  NeutralSettings settings;
  Jsonb* object = object_of(table, selection, slot, settings);
  settings.leave();
  AtEOXact_GUC(false, settings_level);
  give_back_rights(of_caller);
  return object;
}

}  // namespace gatehouse::audit

// What rows show in columns that were added after them, without their being rewritten. Edge.
#include "audit/audited_rows_pg.h"

extern "C" {
#include "access/htup_details.h"

PG_FUNCTION_INFO_V1(gatehouse_audit_missing_values);
}

namespace gatehouse::audit {

namespace {

Jsonb* missing_values(Relation relation, const AuditedRelation& table) {
  const TupleDesc descriptor = RelationGetDescr(relation);
  auto* added = static_cast<std::uint16_t*>(palloc(table.columns.size() * sizeof(std::uint16_t) + 1));
  std::size_t count = 0;
  // A row that has nothing but what it is missing.
  TupleTableSlot* slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
  ExecStoreAllNullTuple(slot);
  for (const std::uint16_t at : table.everything) {
    const AttrNumber number = table.columns[at].number;
    if (!TupleDescAttr(descriptor, number - 1)->atthasmissing) continue;
    slot->tts_values[number - 1] = getmissingattr(descriptor, number, &slot->tts_isnull[number - 1]);
    added[count++] = at;
  }
  Jsonb* result = object_by_owner(relation, table, {added, count}, *slot);
  ExecDropSingleTupleTableSlot(slot);
  return result;
}

}  // namespace

}  // namespace gatehouse::audit

// missing_values(relation regclass) → jsonb; NULL where it is not audited
extern "C" Datum gatehouse_audit_missing_values(PG_FUNCTION_ARGS) {
  using namespace gatehouse;
  Relation relation = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
  if (relation == nullptr) PG_RETURN_NULL();
  const Trigger* trigger = audit::row_trigger_of(relation);
  Jsonb* result = nullptr;
  if (trigger != nullptr) {
    audit::Scratch scratch;
    scratch.enter();
    Jsonb* found = audit::missing_values(relation, audit::audited_relation(relation, *trigger));
    MemoryContext within = MemoryContextSwitchTo(scratch.before);
    result = static_cast<Jsonb*>(palloc(VARSIZE(found)));
    memcpy(result, found, VARSIZE(found));
    MemoryContextSwitchTo(within);
    scratch.leave();
  }
  relation_close(relation, AccessShareLock);
  if (result == nullptr) PG_RETURN_NULL();
  PG_RETURN_JSONB_P(result);
}

// What the trigger needs to know of an audited table, kept for each trigger in this backend. Edge.
//
// It follows from the trigger's arguments (the table's stable id, then "-column" for each excluded and
// "~column" for each redacted column) and from the table's present columns and key.
#pragma once

#include "audit/column_value_pg.h"
#include "boundary/server_pg.h"

namespace gatehouse::audit {

struct AuditedColumn {
  NameData name;
  int name_size;
  AttrNumber number;
  bool by_value;
  std::int16_t length;
  bool redacted;
  ValuePlan plan;
};

struct AuditedRelation {
  std::int32_t table_id;
  std::span<AuditedColumn> columns;     // those that are not excluded, in the order of jsonb's keys
  std::span<std::uint16_t> key;         // indexes into columns; empty where the table has no primary key
  std::span<std::uint16_t> everything;  // 0, 1, 2 and so on: all columns
  const char* partition;                // "schema.name" of a partition; else nullptr

  // What tells a row from others: the primary key, or the whole row where there is none.
  std::span<std::uint16_t> identity() const { return key.empty() ? everything : key; }
};

// What the spans refer to stays readable to the end of the trigger's call, whatever is invalidated meanwhile.
// kAuditColumnMissing, kAuditKeyColumnHidden, kAuditTriggerMisused.
AuditedRelation audited_relation(Relation relation, const Trigger& trigger);

// In the current context.
const char* qualified_name(Relation relation);

// The table's stable id, the trigger's first argument. kAuditTriggerMisused.
std::int32_t table_id_of(const Trigger& trigger);

}  // namespace gatehouse::audit

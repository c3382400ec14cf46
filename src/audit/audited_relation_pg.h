// What the trigger needs to know of an audited table, kept for each trigger in this backend. Edge.
//
// It follows from the arguments of its triggers (the table's stable id, then "-column" for each excluded and "~column" for each
// redacted column; of a partition's TRUNCATE trigger also "#" and the partition's stable id) and from the table's present columns
// and key.
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
  std::int32_t partition;               // the stable id of a partition; 0 of another table, and where its TRUNCATE trigger is missing

  // What tells a row from others: the primary key, or the whole row where there is none.
  std::span<std::uint16_t> identity() const { return key.empty() ? everything : key; }
};

// What the spans refer to stays readable to the end of the trigger's call, whatever is invalidated meanwhile.
// kAuditColumnMissing, kAuditKeyColumnHidden, kAuditTriggerMisused.
AuditedRelation audited_relation(Relation relation, const Trigger& trigger);

// Gatehouse's function of this name without arguments; nobody's right to it is asked.
Oid own_function(const char* name);

// That of gatehouse.log_row_change(), in the current context; nullptr where the relation has none.
const Trigger* row_trigger_of(Relation relation);

// The table's stable id, the trigger's first argument. kAuditTriggerMisused.
std::int32_t table_id_of(const Trigger& trigger);
// Whether the trigger's arguments exclude or redact a column of this name.
bool hides(const Trigger& trigger, const char* column);

// In the text of an argument.
std::int32_t id_in(const char* argument);

// A partition's stable id, from its TRUNCATE trigger; 0 where that has none. kAuditTriggerMisused.
std::int32_t partition_id_of(const Trigger& truncate_trigger);

}  // namespace gatehouse::audit

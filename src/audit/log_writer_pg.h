// Writes rows of gatehouse.row_change_log, straight into the leaf that holds the present. Edge.
//
// No SPI and no executor: a heap insert and an insert into each of the leaf's indexes. Access rights are
// not looked at, which is what makes the log writable by nobody else. Leaves are never made here.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::audit {

enum class Operation : char { kDelete = 'D', kInsert = 'I', kTruncate = 'T', kUpdate = 'U' };

// nullptr is NULL. All belong to the caller.
struct RowChange {
  std::int32_t table_id;
  Operation operation;
  Jsonb* key;
  Jsonb* old_values;
  Jsonb* new_values;
  Jsonb* new_key;          // where the primary key has changed
  std::int32_t partition;  // that has the row, by its stable id; 0 where the table has none, or it has no id
};

// Keys that are equal as jsonb have one hash: 1 and 1.0.
std::int64_t hash_of_key(Jsonb* key, std::int32_t table_id);

// Uses the current context for what it needs and gives nothing back.
// kObjectMissing, kAuditLeafUnusable.
void write_row_change(const RowChange& change);

}  // namespace gatehouse::audit

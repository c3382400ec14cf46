// Entries of a leaf's index on key_hash that wait to be made in bulk. Edge.
//
// Hashes are spread over the whole index: an entry made with each row costs as much as the row. Those of a statement, sorted,
// cost a third. What waits are places of rows that are in the table already, so that a crash or a rollback loses no row and
// no entry that is needed. They are made
// - before a statement starts that reads the log, in parallel or otherwise, and before any utility statement, so that none of
//   this transaction's own rows is missed and no index is rebuilt or dropped beside them;
// - when the transaction commits or is prepared;
// - when there are many.
// Rows of a part of the transaction that is rolled back are forgotten with it: their places may soon be others'.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::audit {

// Chains the hooks. Once, when the library is loaded.
void install_late_keys();

// Whether the entries of the index, which must be one on the leaf's key_hash, can wait: nothing but the index asks for them.
bool may_be_late(Relation index, const IndexInfo& info, AttrNumber key_hash);

// The row at `at` of the leaf, which the caller has locked until the transaction's end, is to have an entry in this index.
void note_late_key(Oid log, Relation leaf, Oid index, std::int64_t key_hash, const ItemPointerData& at);

}  // namespace gatehouse::audit

#include "audit/late_keys_pg.h"

#include <algorithm>

#include "boundary/transaction_end_pg.h"

extern "C" {
#include "catalog/pg_am.h"
#include "tcop/utility.h"
#include "utils/snapmgr.h"
}

namespace gatehouse::audit {

namespace {

struct LateKey {
  std::int64_t key_hash;
  ItemPointerData at;
  SubTransactionId from;  // that wrote the row
};

constexpr int kMostKeys = 64 * 1024;  // 1.5 MB
constexpr int kKeptKeys = 1024;       // room for so many stays after the transaction

LateKey* keys;  // in TopMemoryContext; nullptr until first needed
int capacity;
int count;
Oid log_of_keys;
Oid leaf_of_keys;
Oid index_of_keys;

ExecutorStart_hook_type next_start_hook;
ProcessUtility_hook_type next_utility_hook;

bool key_after(const LateKey& a, const LateKey& b) {
  if (a.key_hash != b.key_hash) return a.key_hash > b.key_hash;
  return ItemPointerCompare(const_cast<ItemPointer>(&a.at), const_cast<ItemPointer>(&b.at)) > 0;
}

// Each is forgotten as soon as its entry is made: somebody may catch what raises in the middle, and no entry may be made twice.
void fill_index(Relation leaf) {
  Relation index = index_open(index_of_keys, RowExclusiveLock);
  IndexInfo* info = BuildIndexInfo(index);
  info->ii_Context = CurrentMemoryContext;
  for (; count > 0; --count) {
    CHECK_FOR_INTERRUPTS();
    LateKey& key = keys[count - 1];
    Datum value = Int64GetDatum(key.key_hash);
    bool is_null = false;
    index_insert(index, &value, &is_null, &key.at, leaf, UNIQUE_CHECK_NO, false, info);
  }
  server::finish_index_insert(index, info);
  index_close(index, NoLock);
}

void make_entries() {
  if (count == 0) return;
  MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "gatehouse late keys", ALLOCSET_DEFAULT_SIZES);
  MemoryContext before = MemoryContextSwitchTo(memory);
  std::sort(keys, keys + count, key_after);
  Relation leaf = try_table_open(leaf_of_keys, RowExclusiveLock);
  if (leaf != nullptr) {
    fill_index(leaf);
    table_close(leaf, NoLock);
  }
  count = 0;
  MemoryContextSwitchTo(before);
  MemoryContextDelete(memory);
}

void at_transaction(XactEvent event, void*) {
  if (count == 0 || (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)) return;
  PushActiveSnapshot(GetTransactionSnapshot());
  make_entries();
  PopActiveSnapshot();
}

void at_transaction_end(const TransactionEnd& end) {
  if (end.from == TopSubTransactionId) {
    count = 0;
    if (capacity > kKeptKeys) {
      pfree(keys);
      keys = nullptr;
      capacity = 0;
    }
    return;
  }
  count = static_cast<int>(std::remove_if(keys, keys + count, [&](const LateKey& key) { return key.from >= end.from; }) - keys);
}

void make_room() {
  if (count < capacity) return;
  if (capacity == kMostKeys) return make_entries();
  const int wanted = capacity == 0 ? 64 : 2 * capacity;
  const Size bytes = wanted * sizeof(LateKey);
  if (keys == nullptr) {
    keys = static_cast<LateKey*>(MemoryContextAlloc(TopMemoryContext, bytes));
    follow_transactions(at_transaction_end);
  } else {
    keys = static_cast<LateKey*>(repalloc(keys, bytes));
  }
  capacity = wanted;
}

// A plan names the partitions that it reads, and the log whose partitions it may choose among when it runs.
bool reads_log(const PlannedStmt& plan) {
  return plan.parallelModeNeeded || list_member_oid(plan.relationOids, log_of_keys) ||
         list_member_oid(plan.relationOids, leaf_of_keys);
}

void at_start(QueryDesc* query, int flags) {
  if (count > 0 && reads_log(*query->plannedstmt)) make_entries();
  const ExecutorStart_hook_type next = next_start_hook != nullptr ? next_start_hook : standard_ExecutorStart;
  next(query, flags);
}

// What only runs other statements is let through: those come here, or to at_start, themselves.
bool leaves_tables_alone(const Node* statement) {
  switch (nodeTag(statement)) {
    case T_CallStmt:
    case T_ClosePortalStmt:
    case T_DeclareCursorStmt:
    case T_DoStmt:
    case T_ExecuteStmt:
    case T_FetchStmt:
    case T_PrepareStmt:
    case T_TransactionStmt:
    case T_VariableSetStmt:
    case T_VariableShowStmt:
      return true;
    default:
      return false;
  }
}

void before_utility(PlannedStmt* statement, const char* text, bool read_only_tree, ProcessUtilityContext context,
                    ParamListInfo parameters, QueryEnvironment* environment, DestReceiver* destination,
                    QueryCompletion* completion) {
  if (count > 0 && !leaves_tables_alone(statement->utilityStmt)) make_entries();
  const ProcessUtility_hook_type next = next_utility_hook != nullptr ? next_utility_hook : standard_ProcessUtility;
  next(statement, text, read_only_tree, context, parameters, environment, destination, completion);
}

}  // namespace

void install_late_keys() {
  RegisterXactCallback(at_transaction, nullptr);
  next_start_hook = ExecutorStart_hook;
  ExecutorStart_hook = at_start;
  next_utility_hook = ProcessUtility_hook;
  ProcessUtility_hook = before_utility;
}

bool may_be_late(Relation index, const IndexInfo& info, AttrNumber key_hash) {
  return index->rd_rel->relam == BTREE_AM_OID && !index->rd_index->indisunique && info.ii_ExclusionOps == nullptr &&
         info.ii_NumIndexAttrs == 1 && info.ii_IndexAttrNumbers[0] == key_hash && info.ii_Expressions == NIL &&
         info.ii_Predicate == NIL;
}

void note_late_key(Oid log, Relation leaf, Oid index, std::int64_t key_hash, const ItemPointerData& at) {
  if (count > 0 && (leaf_of_keys != RelationGetRelid(leaf) || index_of_keys != index)) make_entries();
  make_room();
  if (count == 0) {
    log_of_keys = log;
    leaf_of_keys = RelationGetRelid(leaf);
    index_of_keys = index;
  }
  keys[count++] = {key_hash, at, GetCurrentSubTransactionId()};
}

}  // namespace gatehouse::audit

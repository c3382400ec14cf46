#include "audit/log_writer_pg.h"

#include "audit/late_keys_pg.h"
#include "audit/transaction_context_pg.h"
#include "boundary/caller_pg.h"
#include "boundary/raise_pg.h"
#include "identity/carrier_pg.h"

namespace gatehouse::audit {

namespace {

// The columns of the log, found in each leaf by name: a leaf may have them in another order.
enum Column : int {
  kId,
  kChangedAt,
  kTransactionId,
  kKeyHash,
  kOrigin,
  kTableId,
  kOperation,
  kActorId,
  kImpersonatorId,
  kApiKeyId,
  kSessionId,
  kDbRole,
  kClientAddr,
  kApplicationName,
  kReplicationOrigin,
  kKey,
  kOld,
  kNew,
  kContext,
  kRequiredColumns,  // the log of SQL versions before 0.6 ends here
  kNewKeyHash = kRequiredColumns,
  kPartitionId,
  kColumns,
};
constexpr const char* kColumnNames[kColumns] = {
    "id",       "changed_at",      "transaction_id", "key_hash",   "origin",  "table_id",    "operation",
    "actor_id", "impersonator_id", "api_key_id",     "session_id", "db_role", "client_addr", "application_name",
    "replication_origin", "key", "old", "new", "context", "new_key_hash", "partition_id",
};

struct Row {
  std::array<Datum, kColumns> values;
  std::array<bool, kColumns> nulls;

  void set(Column column, Datum value) {
    values[column] = value;
    nulls[column] = false;
  }
};

struct LeafIndex {
  Oid index;
  IndexInfo* info;         // nullptr where it has expressions or a predicate and is described anew for each row
  AttrNumber only_filled;  // has the rows in which this column is not null, and no others; else InvalidAttrNumber
};

// The leaf in use. `valid` falls with any change of the parent, of the leaf or of its indexes.
struct Leaf {
  bool valid;
  Oid parent;
  Oid sequence;
  Oid table;
  TimestampTz from;  // all rows of [from, until) go into the table
  TimestampTz until;
  bool described;  // the rest is filled
  int attributes;
  std::int16_t* column_of;  // for each attribute of the table its Column, or -1
  int index_count;
  LeafIndex* indexes;
  Oid late_index;  // the one on key_hash, which is filled in bulk; not among the others
};

Leaf leaf;
MemoryContext leaf_memory;

void at_relation_change(Datum, Oid relation) {
  if (!OidIsValid(relation) || relation == leaf.parent || relation == leaf.table) leaf.valid = false;
}

void prepare() {
  leaf_memory = AllocSetContextCreate(CacheMemoryContext, "gatehouse audit leaf", ALLOCSET_SMALL_SIZES);
  CacheRegisterRelcacheCallback(at_relation_change, Datum{0});
}

Oid own_relation(Oid schema, const char* name) {
  const Oid relation = get_relname_relid(name, schema);
  if (!OidIsValid(relation)) raise({.fault = Fault::kObjectMissing, .subject = name});
  return relation;
}

TimestampTz bound_at(PartitionBoundInfo bounds, int at) {
  if (at < 0) return DT_NOBEGIN;
  if (at >= bounds->ndatums) return DT_NOEND;
  if (bounds->kind != nullptr && bounds->kind[at][0] == PARTITION_RANGE_DATUM_MINVALUE) return DT_NOBEGIN;
  if (bounds->kind != nullptr && bounds->kind[at][0] == PARTITION_RANGE_DATUM_MAXVALUE) return DT_NOEND;
  return DatumGetTimestampTz(bounds->datums[at][0]);
}

// Finds the leaf of the given time in the parent's partition descriptor, and how long it stays the leaf.
void choose_leaf(TimestampTz now) {
  leaf = {};
  leaf.valid = true;  // before the look: whatever changes meanwhile takes it back
  const Oid schema = get_namespace_oid("gatehouse", true);
  leaf.parent = own_relation(schema, "row_change_log");
  leaf.sequence = own_relation(schema, "row_change_log_id_seq");

  Relation parent = table_open(leaf.parent, AccessShareLock);
  if (parent->rd_rel->relkind != RELKIND_PARTITIONED_TABLE) raise({Fault::kAuditLeafUnusable});
  const PartitionDesc partitions = RelationGetPartitionDesc(parent, true);
  const PartitionKey key = RelationGetPartitionKey(parent);
  const PartitionBoundInfo bounds = partitions->boundinfo;
  int chosen = -1;
  leaf.from = DT_NOBEGIN;
  leaf.until = DT_NOEND;
  if (bounds != nullptr && bounds->ndatums > 0) {
    Datum value = TimestampTzGetDatum(now);
    bool equal;
    const int at = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, bounds, 1, &value, &equal);
    chosen = bounds->indexes[at + 1];
    leaf.from = bound_at(bounds, at);
    leaf.until = bound_at(bounds, at + 1);
  }
  if (chosen < 0 && bounds != nullptr) chosen = bounds->default_index;
  if (chosen < 0) raise({.fault = Fault::kObjectMissing, .subject = "partition of row_change_log for the present"});
  if (!partitions->is_leaf[chosen]) raise({Fault::kAuditLeafUnusable});
  leaf.table = partitions->oids[chosen];
  table_close(parent, AccessShareLock);
}

// The lock on the leaf keeps others from attaching or detaching anything that concerns it (a new leaf
// locks the default one too), so the choice is right once it has been made again under the lock.
Relation open_leaf(TimestampTz now) {
  if (!leaf.valid || now < leaf.from || now >= leaf.until) choose_leaf(now);
  for (;;) {
    const Oid table = leaf.table;
    Relation relation = try_table_open(table, RowExclusiveLock);
    if (relation != nullptr && leaf.valid) return relation;
    choose_leaf(now);
    if (relation == nullptr) continue;
    if (leaf.table == table) return relation;
    table_close(relation, RowExclusiveLock);
  }
}

// That of WHERE column IS NOT NULL, which is judged without the executor.
AttrNumber column_of_predicate(const IndexInfo& info) {
  if (list_length(info.ii_Predicate) != 1 || !IsA(linitial(info.ii_Predicate), NullTest)) return InvalidAttrNumber;
  const auto* test = static_cast<const NullTest*>(linitial(info.ii_Predicate));
  if (test->nulltesttype != IS_NOT_NULL || !IsA(test->arg, Var)) return InvalidAttrNumber;
  return reinterpret_cast<const Var*>(test->arg)->varattno;
}

void describe_leaf(Relation relation) {
  if (relation->rd_rel->relkind != RELKIND_RELATION) raise({Fault::kAuditLeafUnusable});
  MemoryContextReset(leaf_memory);
  MemoryContext before = MemoryContextSwitchTo(leaf_memory);

  const TupleDesc descriptor = RelationGetDescr(relation);
  leaf.attributes = descriptor->natts;
  leaf.column_of = static_cast<std::int16_t*>(palloc(descriptor->natts * sizeof(std::int16_t)));
  int required_found = 0;
  AttrNumber key_hash = InvalidAttrNumber;
  for (int i = 0; i < descriptor->natts; ++i) {
    leaf.column_of[i] = -1;
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    for (int column = 0; column < kColumns && !attribute->attisdropped; ++column) {
      if (strcmp(NameStr(attribute->attname), kColumnNames[column]) != 0) continue;
      leaf.column_of[i] = static_cast<std::int16_t>(column);
      if (column < kRequiredColumns) ++required_found;
      if (column == kKeyHash) key_hash = attribute->attnum;
    }
  }
  if (required_found != kRequiredColumns) raise({Fault::kAuditLeafUnusable});

  List* indexes = RelationGetIndexList(relation);
  leaf.indexes = static_cast<LeafIndex*>(palloc(list_length(indexes) * sizeof(LeafIndex) + 1));
  leaf.index_count = 0;
  leaf.late_index = InvalidOid;
  // Those that run somebody's expressions come last: nothing that is kept here is read after them.
  for (const bool plain : {true, false}) {
    ListCell* cell;
    foreach (cell, indexes) {
      Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);
      IndexInfo* info = BuildIndexInfo(index);
      const bool late = may_be_late(index, *info, key_hash);
      index_close(index, NoLock);
      if (!info->ii_ReadyForInserts) continue;
      if (info->ii_ExclusionOps != nullptr) raise({Fault::kAuditLeafUnusable});
      if (!OidIsValid(leaf.late_index) && late) leaf.late_index = lfirst_oid(cell);
      if (leaf.late_index == lfirst_oid(cell)) continue;
      const AttrNumber only_filled = column_of_predicate(*info);
      const bool has_predicate = info->ii_Predicate != NIL && only_filled == InvalidAttrNumber;
      if (plain != (info->ii_Expressions == NIL && !has_predicate)) continue;
      if (plain) info->ii_Predicate = NIL;
      leaf.indexes[leaf.index_count++] = {lfirst_oid(cell), plain ? info : nullptr, only_filled};
    }
  }
  MemoryContextSwitchTo(before);
  leaf.described = true;
}

void insert_into_index(Relation relation, const LeafIndex& leaf_index, TupleTableSlot* slot) {
  if (leaf_index.only_filled != InvalidAttrNumber && slot->tts_isnull[leaf_index.only_filled - 1]) return;
  Relation index = index_open(leaf_index.index, RowExclusiveLock);
  IndexInfo* info = leaf_index.info != nullptr ? leaf_index.info : BuildIndexInfo(index);
  EState* state = nullptr;
  bool wanted = true;
  if (leaf_index.info == nullptr) {
    state = CreateExecutorState();
    ExprContext* expressions = GetPerTupleExprContext(state);
    expressions->ecxt_scantuple = slot;
    if (info->ii_Predicate != NIL) wanted = ExecQual(ExecPrepareQual(info->ii_Predicate, state), expressions);
  }
  if (wanted) {
    Datum values[INDEX_MAX_KEYS];
    bool nulls[INDEX_MAX_KEYS];
    FormIndexDatum(info, slot, state, values, nulls);
    // What an access method keeps between rows must not outlive this one: it may hold a buffer.
    info->ii_AmCache = nullptr;
    info->ii_Context = CurrentMemoryContext;
    index_insert(index, values, nulls, &slot->tts_tid, relation,
                 index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, info);
    server::finish_index_insert(index, info);
    info->ii_AmCache = nullptr;
  }
  if (state != nullptr) FreeExecutorState(state);
  index_close(index, NoLock);
}

void insert_into_leaf(Relation relation, const Row& row) {
  if (!leaf.described) describe_leaf(relation);
  TupleTableSlot* slot = table_slot_create(relation, nullptr);
  for (int i = 0; i < leaf.attributes; ++i) {
    const int column = leaf.column_of[i];
    slot->tts_isnull[i] = column < 0 || row.nulls[column];
    slot->tts_values[i] = slot->tts_isnull[i] ? Datum{0} : row.values[column];
  }
  ExecStoreVirtualTuple(slot);
  table_tuple_insert(relation, slot, GetCurrentCommandId(true), 0, nullptr);
  // A copy, since an index expression of somebody's may write rows too and describe the leaf anew.
  const int count = leaf.index_count;
  auto* indexes = static_cast<LeafIndex*>(palloc(count * sizeof(LeafIndex) + 1));
  memcpy(indexes, leaf.indexes, count * sizeof(LeafIndex));
  const Oid late_index = leaf.late_index;
  const Oid log = leaf.parent;
  for (int i = 0; i < count; ++i) insert_into_index(relation, indexes[i], slot);
  if (OidIsValid(late_index)) note_late_key(log, relation, late_index, DatumGetInt64(row.values[kKeyHash]), slot->tts_tid);
  ExecDropSingleTupleTableSlot(slot);
}

// The address of the connection's other end; it stays what it is as long as the backend lives.
bool client_address(Datum& address) {
  static bool known;
  static inet* kept;  // in TopMemoryContext; nullptr for a socket and for a background process
  if (!known) {
    LOCAL_FCINFO(call, 0);
    InitFunctionCallInfoData(*call, nullptr, 0, InvalidOid, nullptr, nullptr);
    const Datum found = inet_client_addr(call);
    if (!call->isnull) {
      MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
      kept = reinterpret_cast<inet*>(PG_DETOAST_DATUM_COPY(found));
      MemoryContextSwitchTo(before);
    }
    known = true;
  }
  address = PointerGetDatum(kept);
  return kept != nullptr;
}

// Who and from where, as far as the server itself knows.
void set_session(Row& row) {
  char* role = GetUserNameFromId(calling_role(), true);
  if (role != nullptr) row.set(kDbRole, CStringGetTextDatum(role));
  Datum address;
  if (client_address(address)) row.set(kClientAddr, address);
  if (application_name != nullptr && application_name[0] != '\0') {
    row.set(kApplicationName, CStringGetTextDatum(application_name));
  }
  if (replorigin_session_origin != InvalidRepOriginId && replorigin_session_origin != DoNotReplicateId) {
    char* origin = nullptr;
    if (replorigin_by_oid(replorigin_session_origin, true, &origin)) {
      row.set(kReplicationOrigin, CStringGetTextDatum(origin));
    }
  }
}

// `parties` must live as long as the row.
void set_parties(Row& row, const identity::Parties& parties) {
  const auto set = [&row](Column column, const identity::OptionalId& id) {
    if (id.present) row.set(column, PointerGetDatum(id.bytes.data()));
  };
  set(kActorId, parties.user);
  set(kImpersonatorId, parties.impersonator);
  set(kApiKeyId, parties.api_key);
  set(kSessionId, parties.session);
}

}  // namespace

std::int64_t hash_of_key(Jsonb* key, std::int32_t table_id) {
  return DatumGetInt64(DirectFunctionCall2(jsonb_hash_extended, JsonbPGetDatum(key), Int64GetDatum(table_id)));
}

void write_row_change(const RowChange& change) {
  if (leaf_memory == nullptr) prepare();
  const TimestampTz now = GetCurrentTimestamp();
  Relation relation = open_leaf(now);

  Row row;
  row.nulls.fill(true);
  row.set(kId, Int64GetDatum(nextval_internal(leaf.sequence, false)));
  row.set(kChangedAt, TimestampTzGetDatum(now));
  row.set(kTransactionId, FullTransactionIdGetDatum(GetTopFullTransactionId()));
  // A TRUNCATE is found under 0.
  const bool has_row = change.operation != Operation::kTruncate;
  row.set(kKeyHash, Int64GetDatum(has_row ? hash_of_key(change.key, change.table_id) : 0));
  if (change.new_key != nullptr) row.set(kNewKeyHash, Int64GetDatum(hash_of_key(change.new_key, change.table_id)));
  if (change.partition != 0) row.set(kPartitionId, Int32GetDatum(change.partition));
  row.set(kOrigin, Int64GetDatum(static_cast<std::int64_t>(GetSystemIdentifier())));
  row.set(kTableId, Int32GetDatum(change.table_id));
  row.set(kOperation, CharGetDatum(static_cast<char>(change.operation)));
  if (change.key != nullptr) row.set(kKey, JsonbPGetDatum(change.key));
  if (change.old_values != nullptr) row.set(kOld, JsonbPGetDatum(change.old_values));
  if (change.new_values != nullptr) row.set(kNew, JsonbPGetDatum(change.new_values));
  if (Jsonb* context = transaction_context()) row.set(kContext, JsonbPGetDatum(context));
  const identity::Held* signed_in = identity::current();
  const identity::Parties parties = signed_in == nullptr ? identity::Parties{} : signed_in->parties;
  set_parties(row, parties);
  set_session(row);
  insert_into_leaf(relation, row);
  table_close(relation, NoLock);
}

}  // namespace gatehouse::audit

#include "audit/audited_relation_pg.h"

#include <algorithm>
#include <charconv>

#include "audit/scratch_pg.h"
#include "boundary/raise_pg.h"

extern "C" {
#include "catalog/pg_proc.h"
}

namespace gatehouse::audit {

namespace {

struct Entry {
  Oid trigger;  // the key
  Oid relation;
  bool valid;
  bool has_attributes;  // a column has a composite type, whose change is told under its own relation
  MemoryContext memory;  // holds what `described` points to
  AuditedRelation described;
};

HTAB* entries;          // in CacheMemoryContext, for ever
MemoryContext retired;  // parent of the memory of entries that a row in progress may still read
std::uint64_t changes;  // counts the calls of invalidate

// Called in the midst of anything, so entries are only marked.
void invalidate(Oid relation) {
  ++changes;
  HASH_SEQ_STATUS scan;
  hash_seq_init(&scan, entries);
  while (auto* entry = static_cast<Entry*>(hash_seq_search(&scan))) {
    if (!OidIsValid(relation) || entry->relation == relation || entry->has_attributes) entry->valid = false;
  }
}

void at_relation_change(Datum, Oid relation) { invalidate(relation); }
void at_catalog_change(Datum, int, uint32) { invalidate(InvalidOid); }

void prepare() {
  retired = AllocSetContextCreate(CacheMemoryContext, "gatehouse retired audited relations", ALLOCSET_SMALL_SIZES);
  HASHCTL control = {};
  control.keysize = sizeof(Oid);
  control.entrysize = sizeof(Entry);
  control.hcxt = CacheMemoryContext;
  entries = hash_create("gatehouse audited relations", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
  CacheRegisterRelcacheCallback(at_relation_change, Datum{0});
  CacheRegisterSyscacheCallback(CASTSOURCETARGET, at_catalog_change, Datum{0});
  CacheRegisterSyscacheCallback(NAMESPACEOID, at_catalog_change, Datum{0});
}

enum class Handling : std::uint8_t { kLogged, kExcluded, kRedacted };

// "-column" and "~column"; the first argument is the id.
Handling handling_of(const Trigger& trigger, const char* column) {
  for (int i = 1; i < trigger.tgnargs; ++i) {
    if (strcmp(trigger.tgargs[i] + 1, column) != 0) continue;
    return trigger.tgargs[i][0] == '-' ? Handling::kExcluded : Handling::kRedacted;
  }
  return Handling::kLogged;
}

// A renamed column would be logged in the clear, so a name that is not there stops the change.
void check_arguments(const Trigger& trigger, TupleDesc descriptor) {
  for (int i = 1; i < trigger.tgnargs; ++i) {
    const char* argument = trigger.tgargs[i];
    if (argument[0] != '-' && argument[0] != '~') raise({Fault::kAuditTriggerMisused});
    bool found = false;
    for (int at = 0; at < descriptor->natts && !found; ++at) {
      const Form_pg_attribute attribute = TupleDescAttr(descriptor, at);
      found = !attribute->attisdropped && strcmp(NameStr(attribute->attname), argument + 1) == 0;
    }
    if (!found) raise({.fault = Fault::kAuditColumnMissing, .subject = argument + 1});
  }
}

// The names of the primary key's columns, also of a deferrable one; NIL where there is none.
List* primary_key_of(Relation relation) {
  List* names = NIL;
  List* indexes = RelationGetIndexList(relation);
  ListCell* cell;
  foreach (cell, indexes) {
    HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
    if (!HeapTupleIsValid(tuple)) continue;
    const auto* index = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
    if (index->indisprimary && index->indisvalid) {
      for (int i = 0; i < index->indnkeyatts; ++i) {
        const Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), index->indkey.values[i] - 1);
        names = lappend(names, pstrdup(NameStr(attribute->attname)));
      }
    }
    ReleaseSysCache(tuple);
  }
  list_free(indexes);
  return names;
}

// A partition's rows are known by the key of the audited root: a key of the partition's own would give one table rows of two kinds.
// Above the audited root there may be others, and what is being detached is a partition as long as it bears the trigger.
List* audited_key_of(Relation relation, const Trigger& trigger) {
  if (!trigger.tgisclone) return primary_key_of(relation);
  // Without a lock, which could be waited for by whoever waits for this partition: its key doesn't change without that.
  Relation parent = RelationIdGetRelation(get_partition_parent(RelationGetRelid(relation), true));
  if (!RelationIsValid(parent)) raise({Fault::kInternal});
  const Trigger* above = row_trigger_of(parent);
  List* names = above == nullptr ? primary_key_of(parent) : audited_key_of(parent, *above);
  RelationClose(parent);
  return names;
}

// A copy: what the relation has can go while the catalog is read.
const Trigger* trigger_of(Relation relation, const char* function_name) {
  const TriggerDesc* triggers = CopyTriggerDesc(relation->trigdesc);
  if (triggers == nullptr) return nullptr;
  const Oid function = own_function(function_name);
  for (int i = 0; i < triggers->numtriggers; ++i) {
    if (OidIsValid(function) && triggers->triggers[i].tgfoid == function) return &triggers->triggers[i];
  }
  return nullptr;
}

// jsonb's order of keys: shorter first, then bytewise.
bool key_before(const AuditedColumn& a, const AuditedColumn& b) {
  if (a.name_size != b.name_size) return a.name_size < b.name_size;
  return memcmp(NameStr(a.name), NameStr(b.name), a.name_size) < 0;
}

template <class T>
std::span<T> allocate(int count) {
  return {static_cast<T*>(palloc0(count * sizeof(T) + 1)), static_cast<std::size_t>(count)};
}

// In the current context, which lives as long as the description.
AuditedRelation describe(Relation relation, const Trigger& trigger) {
  AuditedRelation entry = {};
  const TupleDesc descriptor = RelationGetDescr(relation);
  entry.table_id = table_id_of(trigger);
  check_arguments(trigger, descriptor);
  List* key = audited_key_of(relation, trigger);

  const std::span<AuditedColumn> columns = allocate<AuditedColumn>(descriptor->natts);
  std::size_t count = 0;
  for (int i = 0; i < descriptor->natts; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped || server::is_virtual(attribute)) continue;
    const Handling handling = handling_of(trigger, NameStr(attribute->attname));
    if (handling == Handling::kExcluded) continue;
    AuditedColumn& column = columns[count++];
    column.name = attribute->attname;
    column.name_size = static_cast<int>(strlen(NameStr(attribute->attname)));
    column.number = attribute->attnum;
    column.by_value = attribute->attbyval;
    column.length = attribute->attlen;
    column.redacted = handling == Handling::kRedacted;
    column.plan = plan_value(attribute->atttypid, relation->rd_rel->relowner);
  }
  entry.columns = columns.first(count);
  std::sort(entry.columns.begin(), entry.columns.end(), key_before);

  entry.everything = allocate<std::uint16_t>(static_cast<int>(count));
  for (std::size_t i = 0; i < count; ++i) entry.everything[i] = static_cast<std::uint16_t>(i);

  const std::span<std::uint16_t> members = allocate<std::uint16_t>(list_length(key));
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    ListCell* cell;
    foreach (cell, key) {
      if (strcmp(static_cast<char*>(lfirst(cell)), NameStr(entry.columns[i].name)) != 0) continue;
      if (!entry.columns[i].redacted) members[found++] = static_cast<std::uint16_t>(i);
    }
  }
  // A key that was added later can meet a column that the arguments hide.
  if (found != members.size()) raise({Fault::kAuditKeyColumnHidden});
  entry.key = members;
  const Trigger* truncate_trigger = trigger.tgisclone ? trigger_of(relation, "log_truncate") : nullptr;
  entry.partition = truncate_trigger == nullptr ? 0 : partition_id_of(*truncate_trigger);
  return entry;
}

// Entries of dropped tables and triggers would gather otherwise.
void remove_invalid() {
  HASH_SEQ_STATUS scan;
  hash_seq_init(&scan, entries);
  while (auto* entry = static_cast<Entry*>(hash_seq_search(&scan))) {
    if (entry->valid) continue;
    MemoryContextSetParent(entry->memory, retired);
    hash_search(entries, &entry->trigger, HASH_REMOVE, nullptr);
  }
  if (!row_in_progress()) MemoryContextDeleteChildren(retired);
}

}  // namespace

AuditedRelation audited_relation(Relation relation, const Trigger& trigger) {
  if (entries == nullptr) prepare();
  auto* entry = static_cast<Entry*>(hash_search(entries, &trigger.tgoid, HASH_FIND, nullptr));
  if (entry != nullptr && entry->valid) return entry->described;

  remove_invalid();
  // The memory belongs to the caller's until nothing can raise any more.
  MemoryContext memory =
      AllocSetContextCreate(CurrentMemoryContext, "gatehouse audited relation", ALLOCSET_SMALL_SIZES);
  MemoryContext before = MemoryContextSwitchTo(memory);
  const std::uint64_t changes_before = changes;
  const AuditedRelation described = describe(relation, trigger);
  MemoryContextSwitchTo(before);

  bool found;
  entry = static_cast<Entry*>(hash_search(entries, &trigger.tgoid, HASH_ENTER, &found));
  MemoryContextSetParent(memory, CacheMemoryContext);
  entry->relation = RelationGetRelid(relation);
  entry->memory = memory;
  entry->has_attributes = std::any_of(described.columns.begin(), described.columns.end(),
                                      [](const AuditedColumn& column) { return column.plan.has_attributes; });
  entry->described = described;
  entry->valid = changes == changes_before;
  return entry->described;
}

Oid own_function(const char* name) {
  return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name), PointerGetDatum(buildoidvector(nullptr, 0)),
                         ObjectIdGetDatum(get_namespace_oid("gatehouse", true)));
}

const Trigger* row_trigger_of(Relation relation) { return trigger_of(relation, "log_row_change"); }

bool hides(const Trigger& trigger, const char* column) { return handling_of(trigger, column) != Handling::kLogged; }

std::int32_t id_in(const char* argument) {
  const char* end = argument + strlen(argument);
  std::int32_t id = 0;
  const auto [stop, error] = std::from_chars(argument, end, id);
  if (error != std::errc{} || stop != end || id <= 0) raise({Fault::kAuditTriggerMisused});
  return id;
}

std::int32_t table_id_of(const Trigger& trigger) {
  if (trigger.tgnargs < 1) raise({Fault::kAuditTriggerMisused});
  return id_in(trigger.tgargs[0]);
}

std::int32_t partition_id_of(const Trigger& truncate_trigger) {
  for (int i = 1; i < truncate_trigger.tgnargs; ++i) {
    if (truncate_trigger.tgargs[i][0] == '#') return id_in(truncate_trigger.tgargs[i] + 1);
  }
  return 0;
}

}  // namespace gatehouse::audit

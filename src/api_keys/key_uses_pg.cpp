#include "api_keys/key_uses_pg.h"

#include <sys/socket.h>

#include "api_keys/key_uses.h"
#include "boundary/keyed_table_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/row_probe_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/transaction_end_pg.h"
#include "operation/worker_pg.h"

extern "C" {
#include "access/transam.h"
#include "storage/procarray.h"
#include "utils/array.h"
PG_FUNCTION_INFO_V1(gatehouse_api_keys_forget_uses);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_take_uses);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_usage);
PG_FUNCTION_INFO_V1(gatehouse_api_keys_waiting_uses);
}

namespace gatehouse::api_keys {

namespace {

struct SharedUses {
  pg_atomic_uint64 lost;
  pg_atomic_uint64 settlements;      // grows before a transaction's end shows in the entries
  KeyedTable<KeyUseEntry> by_key;  // the last: its entries follow
};

SharedUses* shared_uses() { return static_cast<SharedUses*>(shared::find(shared::Part::kKeyUses)); }

TableSubject subject_of(const pg_uuid_t& id) {
  TableSubject subject;
  static_assert(sizeof subject == UUID_LEN);
  memcpy(subject.data(), id.data, UUID_LEN);
  return subject;
}

UseAddress address_of(const NullableDatum& ip) {
  UseAddress address{};
  if (ip.isnull) return address;
  const inet* given = DatumGetInetPP(ip.value);
  address = {.given = true, .family = ip_family(given), .bits = ip_bits(given)};
  memcpy(address.bytes.data(), ip_addr(given), static_cast<std::size_t>(ip_addrsize(given)));
  return address;
}

NullableDatum datum_of(const UseAddress& address) {
  if (!address.given) return {.isnull = true};
  auto* result = static_cast<inet*>(palloc0(sizeof(inet)));
  result->inet_data.family = address.family;
  result->inet_data.bits = address.bits;
  memcpy(result->inet_data.ipaddr, address.bytes.data(), address.bytes.size());
  SET_INET_VARSIZE(result);
  return {InetPGetDatum(result), false};
}

// What this transaction has taken it has written when it commits.
bool has_taken;

// Better counted twice than not at all.
void settle(const TransactionEnd& end) {
  if (!has_taken) return;
  SharedUses* all = shared_uses();
  pg_atomic_fetch_add_u64(&all->settlements, 1);
  all->by_key.visit_all(LW_EXCLUSIVE, [&](KeyUseEntry& entry) {
    const TakenUses& taken = entry.taken;
    if (taken.count == 0 || taken.process != MyProcPid || taken.subtransaction < end.from) return;
    if (end.lasting) {
      entry.forget_taken();
    } else {
      entry.give_back();
    }
  });
  has_taken = end.from > TopSubTransactionId;
}

void begin_taking() {
  follow_transactions(settle);
  has_taken = true;
}

bool waits(const KeyUseEntry& entry) { return entry.key.database == MyDatabaseId && entry.taken.count == 0; }

// The uses of a key that wait, and what is being written of them.
struct Waiting {
  std::uint64_t settlements;
  KeyUses uses;
  TakenUses taken;

  // Whether nobody has begun or ended to write of them since.
  bool still(const Waiting& later) const {
    return later.settlements == settlements && later.taken.transaction == taken.transaction && later.taken.count == taken.count;
  }
};

Waiting look_at(SharedUses* all, const pg_uuid_t& id) {
  Waiting result = {.settlements = pg_atomic_read_u64(&all->settlements)};
  const auto locked = all->by_key.lock_set(subject_of(id), LW_SHARED);
  if (const KeyUseEntry* entry = locked.find()) {
    result.uses = entry->waiting;
    result.taken = entry->taken;
  }
  locked.leave();
  return result;
}

bool is_running(const TakenUses& taken) {
  return taken.count > 0 && !TransactionIdIsCurrentTransactionId(taken.transaction) && TransactionIdIsInProgress(taken.transaction);
}

// Whether a snapshot that is made now shows what was taken as written.
bool is_written(const TakenUses& taken) {
  if (taken.count == 0) return false;
  if (TransactionIdIsCurrentTransactionId(taken.transaction)) return true;
  return !TransactionIdIsInProgress(taken.transaction) && TransactionIdDidCommit(taken.transaction);
}

// The columns of gatehouse.api_key_usage, in the order of sql/api_keys/usage.sql; later versions only append.
enum UsageColumn : AttrNumber { kApiKeyId = 1, kLastUsedAt, kLastUsedIp, kUseCount };
constexpr std::size_t kUsageColumns = 4;

struct Usage {
  std::int64_t count;
  TimestampTz last_at;       // where count is not 0
  NullableDatum last_address;
};

// What is stored, as it is now.
Usage stored_usage(const pg_uuid_t& id) {
  const RowProbe row = probe_row("api_key_usage", "api_key_usage_pkey", F_UUID_EQ, UUIDPGetDatum(&id));
  Usage usage = {.last_address = {.isnull = true}};
  if (row.found) {
    bool is_null;
    usage.count = DatumGetInt64(row.column(kUseCount, &is_null));
    usage.last_at = DatumGetTimestampTz(row.column(kLastUsedAt, &is_null));
    const Datum address = row.column(kLastUsedIp, &is_null);
    if (!is_null) usage.last_address = datum_of(address_of({address, false}));
  }
  finish_probe(row);
  return usage;
}

// Adds what waits to what is stored. What a transaction writes must be in exactly one of the two, so both are looked at
// anew where one was written meanwhile.
Usage usage_of(const pg_uuid_t& id) {
  SharedUses* all = shared_uses();
  if (all == nullptr) return stored_usage(id);
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    const Waiting before = look_at(all, id);
    // In this order: who ends between the two is looked at anew.
    const bool was_running = is_running(before.taken);
    const bool written = is_written(before.taken);
    Usage usage = stored_usage(id);
    const Waiting after = look_at(all, id);
    if (!before.still(after) || (was_running && !is_running(after.taken))) continue;
    const std::int64_t waiting = after.uses.count - (written ? after.taken.count : 0);
    if (waiting > 0 && (usage.count == 0 || after.uses.last_at >= usage.last_at)) {
      usage.last_at = after.uses.last_at;
      usage.last_address = datum_of(after.uses.last_address);
    }
    usage.count += waiting;
    return usage;
  }
}

bool key_exists(const pg_uuid_t& id) {
  const RowProbe row = probe_row("api_keys", "api_keys_pkey", F_UUID_EQ, UUIDPGetDatum(&id));
  const bool found = row.found;
  finish_probe(row);
  return found;
}

struct Ids {
  Datum* values;
  int count;
};

Ids ids_of(Datum array) {
  Ids ids{};
  bool* nulls;
  deconstruct_array(DatumGetArrayTypeP(array), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &ids.values, &nulls, &ids.count);
  for (int i = 0; i < ids.count; ++i) {
    if (nulls[i]) raise({.fault = Fault::kNullArgument, .subject = "ids"});
  }
  return ids;
}

}  // namespace

std::size_t key_uses_size(const shared::Sizes& sizes) {
  return offsetof(SharedUses, by_key) + KeyedTable<KeyUseEntry>::size(sizes.max_key_uses);
}

void initialize_key_uses(void* at, const shared::Sizes& sizes, int lock_tranche) {
  memset(at, 0, key_uses_size(sizes));
  auto* fresh = static_cast<SharedUses*>(at);
  pg_atomic_init_u64(&fresh->lost, 0);
  pg_atomic_init_u64(&fresh->settlements, 0);
  fresh->by_key.initialize(sizes.max_key_uses, lock_tranche);
}

void note_use(const pg_uuid_t& api_key_id, const NullableDatum& ip) {
  SharedUses* all = settings::track_key_usage() ? shared_uses() : nullptr;
  if (all == nullptr) return;
  const UseAddress address = address_of(ip);
  const TimestampTz now = GetCurrentTimestamp();
  const auto locked = all->by_key.lock_set(subject_of(api_key_id));
  const Noted noted = note_use(locked.set(), locked.key, now, address);
  locked.leave();
  if (noted.lost > 0) pg_atomic_fetch_add_u64(&all->lost, static_cast<std::uint64_t>(noted.lost));
  // Not for each use: they are written once a minute, or before there is no room.
  if (noted.filled) operation::wake_worker();
}

KeyUsesState key_uses_state() {
  SharedUses* all = shared_uses();
  if (all == nullptr) return {};
  KeyUsesState state = {.capacity = all->by_key.capacity(),
                        .waiting = 0,
                        .lost = static_cast<std::int64_t>(pg_atomic_read_u64(&all->lost))};
  all->by_key.visit_all(LW_SHARED, [&](const KeyUseEntry& entry) { state.waiting += entry.key.database == MyDatabaseId ? 1 : 0; });
  return state;
}

void forget_uses_of_databases(bool (*exists)(Oid database)) {
  SharedUses* all = shared_uses();
  if (all == nullptr) return;
  all->by_key.visit_all(LW_EXCLUSIVE, [&](KeyUseEntry& entry) {
    if (entry.taken.count == 0 && !exists(entry.key.database)) entry = {};
  });
}

}  // namespace gatehouse::api_keys

namespace api_keys = gatehouse::api_keys;

// waiting_key_uses(at_most integer) → uuid[]: keys of this database whose uses are to be written
extern "C" Datum gatehouse_api_keys_waiting_uses(PG_FUNCTION_ARGS) {
  constexpr int kMostAtOnce = 10000;
  const int room = Min(kMostAtOnce, Max(1, PG_GETARG_INT32(0)));
  // Copied first: nothing may raise while a partition is locked.
  auto* found = static_cast<pg_uuid_t*>(palloc(static_cast<std::size_t>(room) * sizeof(pg_uuid_t)));
  auto* values = static_cast<Datum*>(palloc(static_cast<std::size_t>(room) * sizeof(Datum)));
  int count = 0;
  if (api_keys::SharedUses* all = api_keys::shared_uses()) {
    all->by_key.visit_all(LW_SHARED, [&](const api_keys::KeyUseEntry& entry) {
      if (count == room || !api_keys::waits(entry)) return;
      memcpy(found[count].data, entry.key.subject.data(), UUID_LEN);
      values[count] = UUIDPGetDatum(&found[count]);
      ++count;
    });
  }
  PG_RETURN_ARRAYTYPE_P(construct_array(values, count, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

// take_key_uses(ids uuid[]) → setof gatehouse.api_key_usage: what waits of these keys, written when the transaction commits
extern "C" Datum gatehouse_api_keys_take_uses(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  const auto* rows = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const api_keys::Ids ids = api_keys::ids_of(PG_GETARG_DATUM(0));
  api_keys::SharedUses* all = api_keys::shared_uses();
  if (all == nullptr) return Datum{0};

  api_keys::begin_taking();
  const api_keys::TakenUses taker = {.process = MyProcPid,
                                     .transaction = GetTopTransactionId(),
                                     .subtransaction = GetCurrentSubTransactionId()};
  for (int i = 0; i < ids.count; ++i) {
    const pg_uuid_t* id = DatumGetUUIDP(ids.values[i]);
    const auto locked = all->by_key.lock_set(api_keys::subject_of(*id));
    api_keys::KeyUseEntry* entry = locked.find();
    const bool takes = entry != nullptr && api_keys::waits(*entry);
    api_keys::KeyUses uses{};
    if (takes) {
      entry->take(taker);
      uses = entry->waiting;
    }
    locked.leave();
    if (!takes) continue;
    const NullableDatum address = api_keys::datum_of(uses.last_address);
    std::array<Datum, api_keys::kUsageColumns> values = {ids.values[i], TimestampTzGetDatum(uses.last_at), address.value,
                                                         Int64GetDatum(uses.count)};
    std::array<bool, api_keys::kUsageColumns> nulls = {false, false, address.isnull, false};
    tuplestore_putvalues(rows->setResult, rows->setDesc, values.data(), nulls.data());
  }
  return Datum{0};
}

// forget_key_uses(ids uuid[]) → bigint: of keys that are gone
extern "C" Datum gatehouse_api_keys_forget_uses(PG_FUNCTION_ARGS) {
  const api_keys::Ids ids = api_keys::ids_of(PG_GETARG_DATUM(0));
  api_keys::SharedUses* all = api_keys::shared_uses();
  std::int64_t forgotten = 0;
  for (int i = 0; all != nullptr && i < ids.count; ++i) {
    const pg_uuid_t* id = DatumGetUUIDP(ids.values[i]);
    if (api_keys::key_exists(*id)) continue;
    const auto locked = all->by_key.lock_set(api_keys::subject_of(*id));
    api_keys::KeyUseEntry* entry = locked.find();
    const bool forgets = entry != nullptr && api_keys::waits(*entry);
    if (forgets) *entry = {};
    locked.leave();
    if (forgets) ++forgotten;
  }
  PG_RETURN_INT64(forgotten);
}

// key_usage(api_key_id uuid, OUT last_used_at timestamptz, OUT last_used_ip inet, OUT use_count bigint)
extern "C" Datum gatehouse_api_keys_usage(PG_FUNCTION_ARGS) {
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) gatehouse::raise({gatehouse::Fault::kInternal});
  const api_keys::Usage usage = api_keys::usage_of(*PG_GETARG_UUID_P(0));
  std::array<Datum, 3> values = {TimestampTzGetDatum(usage.last_at), usage.last_address.value, Int64GetDatum(usage.count)};
  std::array<bool, 3> nulls = {usage.count == 0, usage.last_address.isnull, false};
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values.data(), nulls.data())));
}

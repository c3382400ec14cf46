#include "audit/event_queue_pg.h"

#include <sys/socket.h>

#include "boundary/raise_pg.h"
#include "boundary/text_pg.h"
#include "boundary/transaction_end_pg.h"
#include "operation/worker_pg.h"

extern "C" {
#include "mb/pg_wchar.h"
PG_FUNCTION_INFO_V1(gatehouse_audit_report_event);
PG_FUNCTION_INFO_V1(gatehouse_audit_take_events);
PG_FUNCTION_INFO_V1(gatehouse_audit_take_lost);
}

namespace gatehouse::audit {

namespace {

struct Slot {
  bool used;
  Oid database;
  std::int32_t taken_by;  // the process whose transaction writes it; 0 is none
  SubTransactionId taken_in;
  std::uint64_t number;   // the order in which events came
  TimestampTz occurred_at;
  SecurityEvent event;
};

struct EventQueue {
  pg_atomic_uint64 keys_reported_at;
  pg_atomic_uint32 keys_refused;  // since then
  LWLock lock;                    // guards the rest
  int capacity;
  int used;
  std::uint64_t last_number;
  std::int64_t lost;
  std::int64_t lost_unreported;

  std::span<Slot> slots();
};
constexpr std::size_t kSlotsOffset = MAXALIGN(sizeof(EventQueue));

std::span<Slot> EventQueue::slots() {
  return {reinterpret_cast<Slot*>(reinterpret_cast<char*>(this) + kSlotsOffset), static_cast<std::size_t>(capacity)};
}

EventQueue* queue() { return static_cast<EventQueue*>(shared::find(shared::Part::kEventQueue)); }

// A database that nobody drains must leave room for the others.
bool has_room(EventQueue* all) {
  if (all->used < all->capacity / 2) return true;
  int own = 0;
  for (const Slot& slot : all->slots()) own += slot.used && slot.database == MyDatabaseId ? 1 : 0;
  return all->used < all->capacity && own < all->capacity / 2;
}

void put(EventQueue* all, const SecurityEvent& event, TimestampTz now) {
  for (Slot& slot : all->slots()) {
    if (slot.used) continue;
    slot = {.used = true, .database = MyDatabaseId, .number = ++all->last_number, .occurred_at = now, .event = event};
    ++all->used;
    return;
  }
}

// As much as fits, up to a whole character.
template <std::size_t kCapacity>
void set_text(BoundedText<kCapacity>& into, std::string_view given) {
  into.size = 0;
  // What was not given is at no place that memcpy may be told.
  if (given.empty()) return;
  into.size = static_cast<std::size_t>(
      pg_mbcliplen(given.data(), static_cast<int>(given.size()), static_cast<int>(kCapacity)));
  memcpy(into.bytes.data(), given.data(), into.size);
}

void set_address(SecurityEvent& event, const inet* address) {
  event.has_address = address != nullptr;
  if (address == nullptr) return;
  event.address.family = ip_family(address);
  event.address.bits = ip_bits(address);
  memcpy(event.address.ipaddr, ip_addr(address), static_cast<std::size_t>(ip_addrsize(address)));
}

// The event without its context, which begins with the digest.
SecurityEvent event_of(const RefusedLogin& login, const char* type) {
  SecurityEvent event = {};
  set_text(event.event_type, type);
  event.user_id = login.user_id;
  set_address(event, login.ip);
  set_text(event.user_agent, login.user_agent);
  if (login.digest.empty()) {
    set_text(event.context, "{");
  } else {
    event.context.size = static_cast<std::size_t>(pg_snprintf(event.context.bytes.data(), event.context.bytes.size(), "{\"login\": \"%.*s\", ",
                                                              static_cast<int>(login.digest.size()), login.digest.data()));
  }
  return event;
}

std::span<char> rest_of_context(SecurityEvent& event) { return std::span<char>(event.context.bytes).subspan(event.context.size); }

// What this transaction has taken it has written when it commits.
bool has_taken;
std::int64_t lost_taken;
SubTransactionId lost_taken_in;

// Better written twice than not at all.
void settle(const TransactionEnd& end) {
  if (!has_taken) return;
  EventQueue* all = queue();
  LWLockAcquire(&all->lock, LW_EXCLUSIVE);
  for (Slot& slot : all->slots()) {
    if (!slot.used || slot.taken_by != MyProcPid || slot.taken_in < end.from) continue;
    slot.taken_by = 0;
    if (!end.lasting) continue;
    slot.used = false;
    --all->used;
  }
  if (!end.lasting && lost_taken_in >= end.from) all->lost_unreported += lost_taken;
  LWLockRelease(&all->lock);
  // They wait again, and the worker may have found nothing meanwhile.
  if (!end.lasting) operation::wake_worker();
  if (lost_taken_in >= end.from) lost_taken = 0;
  has_taken = end.from > TopSubTransactionId;
}

void begin_taking() {
  follow_transactions(settle);
  has_taken = true;
}

// The oldest that are not taken, in their order, at most `room`. Under the lock.
int take(EventQueue* all, Slot* into, int room) {
  int count = 0;
  std::uint64_t after = 0;
  while (count < room) {
    Slot* oldest = nullptr;
    for (Slot& slot : all->slots()) {
      if (!slot.used || slot.taken_by != 0 || slot.database != MyDatabaseId || slot.number <= after) continue;
      if (oldest == nullptr || slot.number < oldest->number) oldest = &slot;
    }
    if (oldest == nullptr) break;
    oldest->taken_by = MyProcPid;
    oldest->taken_in = GetCurrentSubTransactionId();
    after = oldest->number;
    into[count++] = *oldest;
  }
  return count;
}

}  // namespace

std::size_t event_queue_size(const shared::Sizes& sizes) {
  return kSlotsOffset + static_cast<std::size_t>(sizes.max_queued_events) * sizeof(Slot);
}

void initialize_event_queue(void* at, const shared::Sizes& sizes, int lock_tranche) {
  memset(at, 0, event_queue_size(sizes));
  auto* fresh = static_cast<EventQueue*>(at);
  LWLockInitialize(&fresh->lock, lock_tranche);
  fresh->capacity = sizes.max_queued_events;
  pg_atomic_init_u64(&fresh->keys_reported_at, 0);
  pg_atomic_init_u32(&fresh->keys_refused, 0);
}

bool enqueue(const SecurityEvent& event) {
  EventQueue* all = queue();
  if (all == nullptr) return false;
  const TimestampTz now = GetCurrentTimestamp();
  LWLockAcquire(&all->lock, LW_EXCLUSIVE);
  if (has_room(all)) {
    put(all, event, now);
  } else {
    ++all->lost;
    ++all->lost_unreported;
  }
  LWLockRelease(&all->lock);
  operation::wake_worker();
  return true;
}

bool report_failed_login(const RefusedLogin& login, bool locks) {
  SecurityEvent event = event_of(login, "security.login_failed");
  const std::span<char> rest = rest_of_context(event);
  event.context.size += static_cast<std::size_t>(pg_snprintf(rest.data(), rest.size(), "\"locks\": %s}", locks ? "true" : "false"));
  return enqueue(event);
}

bool report_locked_login(const RefusedLogin& login, const char* limit, std::int32_t refused) {
  SecurityEvent event = event_of(login, "security.login_locked");
  const std::span<char> rest = rest_of_context(event);
  event.context.size +=
      static_cast<std::size_t>(pg_snprintf(rest.data(), rest.size(), "\"limit\": \"%s\", \"refused\": %d}", limit, refused));
  return enqueue(event);
}

void report_refused_key(const char* reason, const OptionalId& api_key_id, const inet* ip) {
  EventQueue* all = queue();
  if (all == nullptr || RecoveryInProgress()) return;
  pg_atomic_fetch_add_u32(&all->keys_refused, 1);
  std::uint64_t last = pg_atomic_read_u64(&all->keys_reported_at);
  const auto now = static_cast<std::uint64_t>(GetCurrentTimestamp());
  if (now - last < USECS_PER_SEC || !pg_atomic_compare_exchange_u64(&all->keys_reported_at, &last, now)) return;

  SecurityEvent event = {};
  set_text(event.event_type, "security.api_key_refused");
  event.api_key_id = api_key_id;
  set_address(event, ip);
  event.context.size = static_cast<std::size_t>(
      pg_snprintf(event.context.bytes.data(), event.context.bytes.size(), "{\"reason\": \"%s\", \"refused\": %u}", reason,
                  pg_atomic_exchange_u32(&all->keys_refused, 0)));
  enqueue(event);
}

QueueState queue_state() {
  EventQueue* all = queue();
  if (all == nullptr) return {};
  LWLockAcquire(&all->lock, LW_SHARED);
  QueueState state = {.capacity = all->capacity, .waiting = 0, .lost = all->lost};
  for (const Slot& slot : all->slots()) state.waiting += slot.used && slot.database == MyDatabaseId ? 1 : 0;
  LWLockRelease(&all->lock);
  return state;
}

void forget_databases(bool (*exists)(Oid database)) {
  EventQueue* all = queue();
  if (all == nullptr) return;
  LWLockAcquire(&all->lock, LW_EXCLUSIVE);
  for (Slot& slot : all->slots()) {
    if (!slot.used || slot.taken_by != 0 || exists(slot.database)) continue;
    slot.used = false;
    --all->used;
  }
  LWLockRelease(&all->lock);
}

}  // namespace gatehouse::audit

namespace audit = gatehouse::audit;

namespace {

std::string_view text_argument(FunctionCallInfo fcinfo, int argument) {
  return PG_ARGISNULL(argument) ? std::string_view{} : gatehouse::view_of(PG_GETARG_TEXT_PP(argument));
}

audit::OptionalId id_argument(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return {};
  return {true, *PG_GETARG_UUID_P(argument)};
}

NullableDatum datum_of(const audit::OptionalId& id) {
  if (!id.present) return {.isnull = true};
  auto* copy = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
  *copy = id.id;
  return {UUIDPGetDatum(copy), false};
}

template <std::size_t kCapacity>
NullableDatum datum_of(const gatehouse::BoundedText<kCapacity>& value) {
  if (value.size == 0) return {.isnull = true};
  return {gatehouse::text_datum(value.view()), false};
}

NullableDatum address_of(const audit::SecurityEvent& event) {
  if (!event.has_address) return {.isnull = true};
  auto* address = static_cast<inet*>(palloc0(sizeof(inet)));
  address->inet_data = event.address;
  SET_INET_VARSIZE(address);
  return {InetPGetDatum(address), false};
}

}  // namespace

// report_event(event_type text, user_id uuid, session_id uuid, api_key_id uuid, success boolean, ip inet, user_agent text,
// context text) → boolean: false where there is no queue
extern "C" Datum gatehouse_audit_report_event(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) gatehouse::raise({.fault = gatehouse::Fault::kNullArgument, .subject = "event_type"});
  audit::SecurityEvent event = {};
  audit::set_text(event.event_type, text_argument(fcinfo, 0));
  event.user_id = id_argument(fcinfo, 1);
  event.session_id = id_argument(fcinfo, 2);
  event.api_key_id = id_argument(fcinfo, 3);
  event.success = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
  audit::set_address(event, PG_ARGISNULL(5) ? nullptr : PG_GETARG_INET_PP(5));
  audit::set_text(event.user_agent, text_argument(fcinfo, 6));
  // Cut JSON is no JSON.
  const std::string_view context = text_argument(fcinfo, 7);
  if (context.size() <= audit::kMaxQueuedContext) audit::set_text(event.context, context);
  PG_RETURN_BOOL(audit::enqueue(event));
}

// take_events(at_most integer) → setof gatehouse.queued_event: the oldest of this database; they leave the queue when the
// transaction commits
extern "C" Datum gatehouse_audit_take_events(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  const auto* rows = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  audit::EventQueue* all = audit::queue();
  if (all == nullptr) return Datum{0};

  // Copied first: nothing may raise under the lock.
  constexpr int kMostAtOnce = 256;
  const int room = Min(kMostAtOnce, Max(1, PG_GETARG_INT32(0)));
  auto* taken = static_cast<audit::Slot*>(palloc(room * sizeof(audit::Slot)));
  audit::begin_taking();
  LWLockAcquire(&all->lock, LW_EXCLUSIVE);
  const int count = audit::take(all, taken, room);
  LWLockRelease(&all->lock);

  for (int i = 0; i < count; ++i) {
    const audit::SecurityEvent& event = taken[i].event;
    const std::array<NullableDatum, 9> columns = {{
        {TimestampTzGetDatum(taken[i].occurred_at), false},
        datum_of(event.event_type),
        datum_of(event.user_id),
        datum_of(event.session_id),
        datum_of(event.api_key_id),
        {BoolGetDatum(event.success), false},
        address_of(event),
        datum_of(event.user_agent),
        datum_of(event.context),
    }};
    std::array<Datum, columns.size()> values;
    std::array<bool, columns.size()> nulls;
    for (std::size_t column = 0; column < columns.size(); ++column) {
      values[column] = columns[column].value;
      nulls[column] = columns[column].isnull;
    }
    tuplestore_putvalues(rows->setResult, rows->setDesc, values.data(), nulls.data());
  }
  return Datum{0};
}

// take_lost_events() → bigint: how many events found no room and are not yet reported; reported when the transaction commits
extern "C" Datum gatehouse_audit_take_lost(PG_FUNCTION_ARGS) {
  audit::EventQueue* all = audit::queue();
  if (all == nullptr) PG_RETURN_INT64(0);
  audit::begin_taking();
  LWLockAcquire(&all->lock, LW_EXCLUSIVE);
  const std::int64_t lost = all->lost_unreported;
  all->lost_unreported = 0;
  LWLockRelease(&all->lock);
  audit::lost_taken += lost;
  audit::lost_taken_in = GetCurrentSubTransactionId();
  PG_RETURN_INT64(lost);
}

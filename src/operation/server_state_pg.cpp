// What health_check asks of the server: the raw facts, without judging them. Edge.
#include "accounts/throttle_pg.h"
#include "api_keys/key_uses_pg.h"
#include "audit/event_queue_pg.h"
#include "boundary/error_table.h"
#include "boundary/raise_pg.h"
#include "boundary/server_pg.h"
#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "crypto/password_gate_pg.h"
#include "operation/standby_staleness_pg.h"
#include "operation/worker_pg.h"
#include "sessions/reused_sessions_pg.h"

extern "C" {
#include "utils/array.h"
PG_FUNCTION_INFO_V1(gatehouse_operation_server_state);
}

namespace gatehouse::operation {

namespace {

// In the order of shared::Place.
constexpr std::array<const char*, 3> kPlaceNames = {"none", "segment", "preloaded"};

constexpr NullableDatum kNull = {.isnull = true};
NullableDatum integer(std::int64_t value) { return {Int64GetDatum(value), false}; }
NullableDatum boolean(bool value) { return {BoolGetDatum(value), false}; }

// Why the configured key ring can't be used; NULL where it can, and where none is configured.
NullableDatum key_ring_failure(const Refusal& refusal) {
  if (refusal.fault == Fault::kNone) return kNull;
  std::array<char, 256> message;
  format_message(refusal, message);
  return {CStringGetTextDatum(message.data()), false};
}

// The ids of the ring's keys; NULL without a usable ring.
NullableDatum key_ids(const crypto::KeyRing* ring) {
  if (ring == nullptr) return kNull;
  std::array<Datum, crypto::kMaxRingKeys> values;
  for (std::size_t i = 0; i < ring->count; ++i) values[i] = Int32GetDatum(ring->keys[i].id);
  return {PointerGetDatum(construct_array(values.data(), static_cast<int>(ring->count), INT4OID, sizeof(std::int32_t), true,
                                          TYPALIGN_INT)),
          false};
}

}  // namespace

}  // namespace gatehouse::operation

namespace operation = gatehouse::operation;

// server_state(OUT memory text, OUT hashing bigint, OUT hashes_waiting bigint, OUT hashes_turned_away bigint, OUT throttle_capacity
// bigint, OUT counts_lost bigint, OUT queue_capacity bigint, OUT events_waiting bigint, OUT events_lost bigint, OUT worker_serves
// boolean, OUT worker_served_at timestamptz, OUT key_ring_failure text, OUT key_ids integer[], OUT key_use_capacity bigint, OUT key_uses_waiting
// bigint, OUT key_uses_lost bigint, OUT standby_as_of timestamptz, OUT standby_bounded boolean, OUT sessions_reused bigint,
// OUT reuses_lost bigint)
extern "C" Datum gatehouse_operation_server_state(PG_FUNCTION_ARGS) {
  using operation::boolean;
  using operation::integer;
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) gatehouse::raise({gatehouse::Fault::kInternal});
  const auto place = static_cast<std::size_t>(gatehouse::shared::place());
  const gatehouse::crypto::GateState gate = gatehouse::crypto::gate_state();
  const gatehouse::accounts::ThrottleState throttle = gatehouse::accounts::throttle_state();
  const gatehouse::audit::QueueState queue = gatehouse::audit::queue_state();
  const gatehouse::api_keys::KeyUsesState uses = gatehouse::api_keys::key_uses_state();
  const gatehouse::sessions::ReusedState reused = gatehouse::sessions::reused_state();
  const operation::StandbyState standby = operation::standby_state();
  const TimestampTz served_at = operation::worker_served_at();
  const gatehouse::Result<const gatehouse::crypto::KeyRing*> ring = gatehouse::crypto::find_key_ring();

  // Of an older SQL version's row the last are not asked for.
  const std::array<NullableDatum, 20> columns = {{
      {CStringGetTextDatum(operation::kPlaceNames[place]), false},
      integer(gate.hashing),
      integer(gate.waiting),
      integer(gate.turned_away),
      integer(throttle.capacity),
      integer(throttle.lost),
      integer(queue.capacity),
      integer(queue.waiting),
      integer(queue.lost),
      boolean(operation::worker_serves_database()),
      {TimestampTzGetDatum(served_at), served_at == 0},
      operation::key_ring_failure(ring.refusal),
      operation::key_ids(ring.value),
      integer(uses.capacity),
      integer(uses.waiting),
      integer(uses.lost),
      {TimestampTzGetDatum(standby.as_of), !standby.in_recovery},
      boolean(standby.bounded),
      integer(reused.waiting),
      integer(reused.lost),
  }};
  std::array<Datum, columns.size()> values;
  std::array<bool, columns.size()> nulls;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    values[i] = columns[i].value;
    nulls[i] = columns[i].isnull;
  }
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values.data(), nulls.data())));
}

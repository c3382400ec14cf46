#include "sessions/reused_sessions_pg.h"

#include "boundary/transaction_end_pg.h"
#include "sessions/session_row_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_sessions_reused);
}

namespace gatehouse::sessions {

namespace {

struct Noted {
  Oid database;
  pg_uuid_t session_id;

  bool operator==(const Noted& other) const {
    return database == other.database && memcmp(session_id.data, other.session_id.data, UUID_LEN) == 0;
  }
};

struct ReusedSessions {
  pg_atomic_uint32 count;  // changed under the lock; read without it by those who look for none
  LWLock lock;             // guards the rest
  std::int64_t lost;
  std::array<Noted, kMaxReusedSessions> noted;

  std::span<Noted> all() { return std::span<Noted>(noted).first(pg_atomic_read_u32(&count)); }
};

ReusedSessions* table() { return static_cast<ReusedSessions*>(shared::find(shared::Part::kReusedSessions)); }

// Under the lock.
bool contains(ReusedSessions* reused, const Noted& session) {
  for (const Noted& noted : reused->all())
    if (noted == session) return true;
  return false;
}

// Under the lock; the last takes the place.
void drop(ReusedSessions* reused, std::size_t place) {
  const std::uint32_t last = pg_atomic_read_u32(&reused->count) - 1;
  reused->noted[place] = reused->noted[last];
  pg_atomic_write_u32(&reused->count, last);
}

void forget(ReusedSessions* reused, const Noted& session) {
  LWLockAcquire(&reused->lock, LW_EXCLUSIVE);
  for (std::size_t i = reused->all().size(); i-- > 0;)
    if (reused->noted[i] == session) drop(reused, i);
  LWLockRelease(&reused->lock);
}

// What this transaction has noted. The first so many are forgotten when it commits, since it has ended their rows.
struct Found {
  pg_uuid_t session_id;
  SubTransactionId in;
};
std::array<Found, 64> found;
std::size_t found_count;

void at_transaction_end(const TransactionEnd& end) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found_count; ++i) {
    if (end.lasting) {
      forget(table(), {MyDatabaseId, found[i].session_id});
    } else if (found[i].in < end.from) {
      found[kept++] = found[i];
    }
  }
  found_count = kept;
}

void follow(const pg_uuid_t& session_id) {
  follow_transactions(at_transaction_end);
  if (found_count < found.size()) found[found_count++] = {session_id, GetCurrentSubTransactionId()};
}

// Of this database, copied: what is done with them may raise. Gives their number.
int copy_own(ReusedSessions* reused, Noted* into) {
  int own = 0;
  LWLockAcquire(&reused->lock, LW_SHARED);
  for (const Noted& noted : reused->all())
    if (noted.database == MyDatabaseId) into[own++] = noted;
  LWLockRelease(&reused->lock);
  return own;
}

bool row_has_ended(const pg_uuid_t& session_id) {
  const RowProbe session = find_session(session_id);
  const bool ended = !session.found || !session.column(kRevokedAt).isnull;
  finish_probe(session);
  return ended;
}

}  // namespace

std::size_t reused_sessions_size(const shared::Sizes&) { return sizeof(ReusedSessions); }

void initialize_reused_sessions(void* at, const shared::Sizes&, int lock_tranche) {
  auto* fresh = static_cast<ReusedSessions*>(at);
  pg_atomic_init_u32(&fresh->count, 0);
  LWLockInitialize(&fresh->lock, lock_tranche);
  fresh->lost = 0;
}

void note_reused(const pg_uuid_t& session_id) {
  ReusedSessions* reused = table();
  if (reused == nullptr) return;
  const Noted session{MyDatabaseId, session_id};
  LWLockAcquire(&reused->lock, LW_EXCLUSIVE);
  const std::uint32_t count = pg_atomic_read_u32(&reused->count);
  if (!contains(reused, session)) {
    if (count < kMaxReusedSessions) {
      reused->noted[count] = session;
      pg_atomic_write_u32(&reused->count, count + 1);
    } else {
      ++reused->lost;
    }
  }
  LWLockRelease(&reused->lock);
  follow(session_id);
}

bool is_reused(const pg_uuid_t& session_id) {
  ReusedSessions* reused = table();
  if (reused == nullptr || pg_atomic_read_u32(&reused->count) == 0) return false;
  LWLockAcquire(&reused->lock, LW_SHARED);
  const bool found = contains(reused, {MyDatabaseId, session_id});
  LWLockRelease(&reused->lock);
  return found;
}

ReusedState reused_state() {
  ReusedSessions* reused = table();
  if (reused == nullptr) return {};
  ReusedState state{};
  LWLockAcquire(&reused->lock, LW_SHARED);
  for (const Noted& noted : reused->all()) state.waiting += noted.database == MyDatabaseId ? 1 : 0;
  state.lost = reused->lost;
  LWLockRelease(&reused->lock);
  return state;
}

void forget_reused_of_databases(bool (*exists)(Oid database)) {
  ReusedSessions* reused = table();
  if (reused == nullptr) return;
  LWLockAcquire(&reused->lock, LW_EXCLUSIVE);
  for (std::size_t i = reused->all().size(); i-- > 0;)
    if (!exists(reused->noted[i].database)) drop(reused, i);
  LWLockRelease(&reused->lock);
}

}  // namespace gatehouse::sessions

namespace sessions = gatehouse::sessions;

// reused_sessions() → setof uuid: those whose rows have not ended yet; of the others, those that ended by a commit are
// forgotten, where the transaction has written nothing itself
extern "C" Datum gatehouse_sessions_reused(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  const auto* rows = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  sessions::ReusedSessions* reused = sessions::table();
  if (reused == nullptr) return Datum{0};
  // What this transaction did itself it may yet roll back.
  const bool sees_committed_alone = !TransactionIdIsValid(GetTopTransactionIdIfAny());
  auto* own = static_cast<sessions::Noted*>(palloc(sizeof(sessions::Noted) * sessions::kMaxReusedSessions));
  const int count = sessions::copy_own(reused, own);
  for (int i = 0; i < count; ++i) {
    if (sessions::row_has_ended(own[i].session_id)) {
      if (sees_committed_alone) sessions::forget(reused, own[i]);
      continue;
    }
    Datum value = UUIDPGetDatum(&own[i].session_id);
    bool is_null = false;
    tuplestore_putvalues(rows->setResult, rows->setDesc, &value, &is_null);
  }
  return Datum{0};
}

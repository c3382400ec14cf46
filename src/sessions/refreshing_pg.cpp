// Refreshing: a token is traded for its successor, once. Edge.
//
// The row is read as it is now and changed only if it still is so: of concurrent uses of one token one finds it unchanged, the
// others look again and find a token that was used. No lock on the account is needed. Whatever stops or deletes it also ends
// its sessions, and so meets this change of the row.
#include "accounts/account_row_pg.h"
#include "boundary/owner_rights_pg.h"
#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "sessions/refresh_token.h"
#include "sessions/reused_sessions_pg.h"
#include "sessions/session_row_pg.h"
#include "statement_text/concern_pg.h"

extern "C" {
#include "executor/spi.h"
#include "utils/snapmgr.h"
PG_FUNCTION_INFO_V1(gatehouse_sessions_refresh);
}

namespace crypto = gatehouse::crypto;
namespace sessions = gatehouse::sessions;

namespace {

constexpr std::size_t kMostParameters = 8;

// A statement that is planned once a process.
struct Statement {
  const char* text;
  std::array<Oid, kMostParameters> types;
  int parameters;
  SPIPlanPtr plan;
};

// They are run with the owner's rights and the caller's search path: all is qualified.
Statement store_successor = {
    "UPDATE gatehouse.sessions s"
    "   SET token_digest = $3, ring_key_id = $4, previous_digest = s.token_digest, previous_ring_key_id = s.ring_key_id,"
    "       rotations = s.rotations OPERATOR(pg_catalog.+) 1, rotated_at = $5, last_used_at = $5,"
    "       idle_expires_at = LEAST($8, s.expires_at), ip = COALESCE($6, s.ip),"
    "       user_agent = COALESCE(pg_catalog.left($7, 512), s.user_agent)"
    " WHERE s.session_id OPERATOR(pg_catalog.=) $1 AND s.token_digest OPERATOR(pg_catalog.=) $2 AND s.revoked_at IS NULL",
    {UUIDOID, BYTEAOID, BYTEAOID, INT4OID, TIMESTAMPTZOID, INETOID, TEXTOID, TIMESTAMPTZOID},
    8,
    nullptr};

Statement lock_row = {
    "SELECT FROM gatehouse.sessions s WHERE s.session_id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE", {UUIDOID}, 1, nullptr};

Statement end_row = {
    "UPDATE gatehouse.sessions s SET revoked_at = pg_catalog.clock_timestamp(), revocation = 'reuse'"
    " WHERE s.session_id OPERATOR(pg_catalog.=) $1 AND s.revoked_at IS NULL",
    {UUIDOID},
    1,
    nullptr};

Statement report_reuse = {
    "SELECT gatehouse.record_security_event('security.refresh_token_reused', $2, $3, $4, session_id => $1)",
    {UUIDOID, UUIDOID, INETOID, TEXTOID},
    4,
    nullptr};

// Sees what is committed by now, in every isolation level. Gives the number of rows.
std::uint64_t execute(Statement& statement, std::span<const NullableDatum> arguments) {
  if (statement.plan == nullptr) {
    const SPIPlanPtr prepared = SPI_prepare(statement.text, statement.parameters, statement.types.data());
    if (prepared == nullptr || SPI_keepplan(prepared) != 0) gatehouse::raise({gatehouse::Fault::kInternal});
    statement.plan = prepared;
  }
  std::array<Datum, kMostParameters> values;
  std::array<char, kMostParameters> nulls;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    values[i] = arguments[i].value;
    nulls[i] = arguments[i].isnull ? 'n' : ' ';
  }
  const MemoryContext of_caller = CurrentMemoryContext;
  SPI_execute_snapshot(statement.plan, values.data(), nulls.data(), GetLatestSnapshot(), InvalidSnapshot, false, true, 0);
  MemoryContextSwitchTo(of_caller);
  return SPI_processed;
}

struct Request {
  text* token;
  NullableDatum ip;
  NullableDatum user_agent;

  std::string_view view() const { return gatehouse::view_of(token); }
};

struct Answer {
  const char* status;
  pg_uuid_t session_id;
  pg_uuid_t user_id;
  text* successor;  // nullptr where there is none
  TimestampTz expires_at;
};

// What the row says of the token that is presented.
enum class Verdict { kInvalid, kRevoked, kExpired, kCurrent, kLostAnswer, kReused };

struct Judgement {
  Verdict verdict;
  bool noted;  // a reuse of before, which its caller rolled back, or is yet to commit
  Answer answer;
  bytea* digest;               // of the current token
  std::int32_t ring_key_id;    // of that
};

bool within_grace(const gatehouse::RowProbe& session, TimestampTz now) {
  const NullableDatum rotated_at = session.column(sessions::kRotatedAt);
  return !rotated_at.isnull && DatumGetTimestampTz(rotated_at.value) + gatehouse::settings::refresh_grace_us() > now;
}

Verdict verdict_on(const gatehouse::RowProbe& session, std::string_view token, bool noted, std::int32_t ring_key_id) {
  const TimestampTz now = GetCurrentTimestamp();
  const sessions::Match current = sessions::matches_current(session, token);
  // Made under a key that the ring lacks: refused, but no evidence of theft.
  if (current == sessions::Match::kKeyMissing) return Verdict::kInvalid;
  if (noted || !session.column(sessions::kRevokedAt).isnull || !gatehouse::accounts::is_live(sessions::user_id(session)))
    return Verdict::kRevoked;
  if (session.has_come(sessions::kExpiresAt, now) || session.has_come(sessions::kIdleExpiresAt, now)) return Verdict::kExpired;
  if (current == sessions::Match::kYes) return Verdict::kCurrent;
  const sessions::Match previous = sessions::matches_previous(session, token);
  if (previous == sessions::Match::kKeyMissing) return Verdict::kInvalid;
  const bool answer_was_lost = previous == sessions::Match::kYes && ring_key_id != 0 && within_grace(session, now);
  return answer_was_lost ? Verdict::kLostAnswer : Verdict::kReused;
}

Judgement judge(std::string_view token) {
  Judgement result{};
  const gatehouse::RowProbe session = sessions::find_session(token);
  if (session.found) {
    result.answer.session_id = sessions::session_id(session);
    result.answer.user_id = sessions::user_id(session);
    result.answer.expires_at = DatumGetTimestampTz(session.column(sessions::kExpiresAt).value);
    result.digest = DatumGetByteaPCopy(session.column(sessions::kTokenDigest).value);
    result.ring_key_id = DatumGetInt32(session.column(sessions::kRingKeyId).value);
    result.noted = session.column(sessions::kRevokedAt).isnull && sessions::is_reused(result.answer.session_id);
    result.verdict = verdict_on(session, token, result.noted, result.ring_key_id);
  }
  finish_probe(session);
  return result;
}

// `key` is nullptr for a random one.
text* successor_of(std::string_view token, const crypto::KeyRing::Key* key) {
  text* successor = gatehouse::allocate_text(sessions::kTokenSize);
  const std::span<char, sessions::kTokenSize> characters{VARDATA(successor), sessions::kTokenSize};
  gatehouse::value_or_raise(
      gatehouse::run_core([&] { return sessions::make_successor(token, key, characters); }));
  return successor;
}

// False where the row is no longer as it was judged.
bool rotate(const Request& request, Judgement& judged) {
  const crypto::RingKey ring_key = crypto::current_ring_key();
  judged.answer.successor = successor_of(request.view(), ring_key.key);
  const TimestampTz now = GetCurrentTimestamp();
  const std::array<NullableDatum, kMostParameters> arguments = {{
      {UUIDPGetDatum(&judged.answer.session_id), false},
      {PointerGetDatum(judged.digest), false},
      {gatehouse::bytea_datum(crypto::token_digest(gatehouse::view_of(judged.answer.successor), ring_key.key)), false},
      {Int32GetDatum(ring_key.id), false},
      {TimestampTzGetDatum(now), false},
      request.ip,
      request.user_agent,
      {TimestampTzGetDatum(now + gatehouse::settings::refresh_token_idle_us()), false},
  }};
  return execute(store_successor, arguments) == 1;
}

// The answer was lost on its way: the same successor again, derived under the key that it was first made under.
void repeat_answer(const Request& request, Judgement& judged) {
  const crypto::StoredRingKey stored = crypto::stored_ring_key(judged.ring_key_id);
  judged.answer.successor = successor_of(request.view(), stored.key);
}

NullableDatum session_argument(const Judgement& judged) { return {UUIDPGetDatum(&judged.answer.session_id), false}; }

// Noted before anything can be interrupted.
void end_session(const Request& request, const Judgement& judged) {
  sessions::note_reused(judged.answer.session_id);
  const std::array<NullableDatum, 4> event = {
      session_argument(judged), {UUIDPGetDatum(&judged.answer.user_id), false}, request.ip, request.user_agent};
  execute(end_row, std::span(event).first(1));
  execute(report_reuse, event);
}

Answer refused(const char* status) { return {.status = status}; }

Answer refresh(const Request& request) {
  bool locked = false;
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    Judgement judged = judge(request.view());
    judged.answer.status = "ok";
    switch (judged.verdict) {
      case Verdict::kInvalid:
        return refused("invalid");
      case Verdict::kExpired:
        return refused("expired");
      case Verdict::kRevoked:
        if (judged.noted) execute(end_row, std::array{session_argument(judged)});
        return refused("revoked");
      case Verdict::kCurrent:
        if (rotate(request, judged)) return judged.answer;
        continue;
      case Verdict::kLostAnswer:
        repeat_answer(request, judged);
        return judged.answer;
      case Verdict::kReused:
        // It may be the successor that a transaction is about to commit: whoever changes the row is waited for.
        if (!locked) {
          execute(lock_row, std::array{session_argument(judged)});
          locked = true;
          continue;
        }
        end_session(request, judged);
        judged.answer.status = "reuse_detected";
        return judged.answer;
    }
  }
}

NullableDatum argument(FunctionCallInfo fcinfo, int which) { return fcinfo->args[which]; }

}  // namespace

// refresh_session(refresh_token text, ip inet, user_agent text) → (status text, session_id uuid, user_id uuid, refresh_token
// text, expires_at timestamptz)
extern "C" Datum gatehouse_sessions_refresh(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  const auto* rows = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  Answer answer = refused("invalid");
  if (!PG_ARGISNULL(0)) {
    gatehouse::statement_text::note_secret();
    const Request request = {PG_GETARG_TEXT_PP(0), argument(fcinfo, 1), argument(fcinfo, 2)};
    // What the answer points to outlives the statements.
    const MemoryContext of_answer = CurrentMemoryContext;
    const gatehouse::Rights of_caller = gatehouse::take_owner_rights(SECURITY_LOCAL_USERID_CHANGE);
    SPI_connect();
    MemoryContextSwitchTo(of_answer);
    answer = refresh(request);
    SPI_finish();
    gatehouse::give_back_rights(of_caller);
  }
  const bool is_ok = answer.successor != nullptr;
  const bool told = is_ok || answer.status == std::string_view{"reuse_detected"};
  std::array<Datum, 5> values = {
      CStringGetTextDatum(answer.status), UUIDPGetDatum(&answer.session_id), UUIDPGetDatum(&answer.user_id),
      PointerGetDatum(answer.successor), TimestampTzGetDatum(answer.expires_at)};
  std::array<bool, 5> nulls = {false, !told, !told, !is_ok, !is_ok};
  tuplestore_putvalues(rows->setResult, rows->setDesc, values.data(), nulls.data());
  return Datum{0};
}

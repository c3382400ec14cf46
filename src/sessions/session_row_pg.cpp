#include "sessions/session_row_pg.h"

#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "crypto/token.h"
#include "sessions/refresh_token.h"
#include "sessions/reused_sessions_pg.h"

namespace gatehouse::sessions {

namespace {

Match matches(const RowProbe& session, AttrNumber digest, AttrNumber key, std::string_view token) {
  const NullableDatum stored = session.column(digest);
  if (stored.isnull) return Match::kNo;
  const crypto::StoredRingKey ring_key = crypto::stored_ring_key(DatumGetInt32(session.column(key).value));
  if (!ring_key.found) return Match::kKeyMissing;
  const bool equal = crypto::digests_equal(crypto::token_digest(token, ring_key.key), bytes_of(DatumGetByteaPP(stored.value)));
  return equal ? Match::kYes : Match::kNo;
}

}  // namespace

RowProbe find_session(std::string_view token) {
  const LocatedToken located = locate(token);
  if (!located.well_formed) return {};
  return probe_row("sessions", "sessions_locator_digest_key", F_BYTEAEQ, bytea_datum(located.locator_digest));
}

RowProbe find_session(const pg_uuid_t& session_id) {
  return probe_row("sessions", "sessions_pkey", F_UUID_EQ, UUIDPGetDatum(&session_id));
}

const pg_uuid_t& session_id(const RowProbe& session) { return *DatumGetUUIDP(session.column(kSessionId).value); }
const pg_uuid_t& user_id(const RowProbe& session) { return *DatumGetUUIDP(session.column(kUserId).value); }

bool is_live(const RowProbe& session) {
  const TimestampTz now = GetCurrentTimestamp();
  return session.found && session.column(kRevokedAt).isnull && !session.has_come(kExpiresAt, now) &&
         !session.has_come(kIdleExpiresAt, now) && !is_reused(session_id(session));
}

Match matches_current(const RowProbe& session, std::string_view token) {
  return matches(session, kTokenDigest, kRingKeyId, token);
}

Match matches_previous(const RowProbe& session, std::string_view token) {
  return matches(session, kPreviousDigest, kPreviousRingKeyId, token);
}

}  // namespace gatehouse::sessions

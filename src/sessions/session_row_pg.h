// The row of a session as it is now, whatever the transaction's snapshot shows. Edge.
#pragma once

#include "boundary/row_probe_pg.h"

namespace gatehouse::sessions {

// Of sql/sessions/tables.sql; later versions only append.
enum Column : AttrNumber {
  kSessionId = 1,
  kUserId = 2,
  kTokenDigest = 4,
  kRingKeyId = 5,
  kPreviousDigest = 6,
  kPreviousRingKeyId = 7,
  kRotatedAt = 9,
  kCreatedAt = 10,
  kLastUsedAt = 11,
  kExpiresAt = 12,
  kIdleExpiresAt = 13,
  kRevokedAt = 14,
  kIp = 16,
  kUserAgent = 17,
  kDevice = 18,
};

// The session that the token belongs to, by its locator: the token need not be its current one. The text may be any. To
// be closed by finish_probe.
RowProbe find_session(std::string_view token);
RowProbe find_session(const pg_uuid_t& session_id);

// Of a session that was found.
const pg_uuid_t& session_id(const RowProbe& session);
const pg_uuid_t& user_id(const RowProbe& session);

// Found, not ended, and neither of its lifetimes over. The account is another matter.
bool is_live(const RowProbe& session);

enum class Match { kNo, kYes, kKeyMissing };
// Whether the row of a session that was found holds the digest of the token, in constant time.
Match matches_current(const RowProbe& session, std::string_view token);
Match matches_previous(const RowProbe& session, std::string_view token);

}  // namespace gatehouse::sessions

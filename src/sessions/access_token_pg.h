// Access tokens: JWT (RFC 7519) by Ed25519, whose account and session are looked at as they are now. Edge.
#pragma once

#include "boundary/server_pg.h"
#include "identity/identity_text.h"

namespace gatehouse::sessions {

struct AccessToken {
  bool is_valid;  // else nothing is told
  identity::Parties parties;
  bool is_restricted;       // to the scopes
  std::string_view scopes;  // separated by single blanks
  Datum token_id;           // uuid
  TimestampTz issued_at;
  TimestampTz expires_at;
  Jsonb* claims;
};

// Proves the token, which may be any text: the signature by a key of the ring, its time, its issuer, that it is for `audience`
// (nullptr: that of the settings), that the account is live, and so is the session where it names one. Allocates in the current context.
// kKeyRingMissing, kKeyRing*.
AccessToken read_access_token(std::string_view token, const text* audience);

}  // namespace gatehouse::sessions

#include "sessions/access_token_pg.h"

#include <cmath>

#include "accounts/account_row_pg.h"
#include "api_keys/scope.h"
#include "boundary/raise_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/text_pg.h"
#include "crypto/key_ring_pg.h"
#include "operation/standby_staleness_pg.h"
#include "sessions/compact_jws.h"
#include "sessions/json_members_pg.h"
#include "sessions/session_row_pg.h"
#include "statement_text/concern_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_sessions_access_token_bound);
PG_FUNCTION_INFO_V1(gatehouse_sessions_jwks);
PG_FUNCTION_INFO_V1(gatehouse_sessions_sign_access_token);
PG_FUNCTION_INFO_V1(gatehouse_sessions_verify_access_token);
}

namespace gatehouse::sessions {

namespace {

const crypto::KeyRing& required_ring() {
  const crypto::KeyRing* ring = crypto::configured_key_ring();
  if (ring == nullptr) raise({Fault::kKeyRingMissing});
  return *ring;
}

// What is read of a header. A name that comes twice is what one reader takes for one thing and another for another.
struct Header {
  std::int32_t key_id;  // 0: none
  bool has_algorithm;
  bool has_type;
  bool is_refused;
};

bool same_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && pg_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// As it is written: no sign, no zero in front.
std::int32_t key_id_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || text[0] == '0') return 0;
  std::int32_t id = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    id = 10 * id + (c - '0');
  }
  return id;
}

void take_header_member(void* state, const JsonMember& member) {
  auto& header = *static_cast<Header*>(state);
  if (member.name == "alg") {
    header.is_refused |= header.has_algorithm || !member.is_string || member.value != "EdDSA";
    header.has_algorithm = true;
  } else if (member.name == "kid") {
    header.is_refused |= header.key_id != 0 || !member.is_string;
    header.key_id = key_id_of(member.value);
  } else if (member.name == "typ") {
    header.is_refused |= header.has_type || !member.is_string || !same_without_case(member.value, "JWT");
    header.has_type = true;
  } else if (member.name == "crit") {
    header.is_refused = true;
  }
}

// The key that the header names; nullptr where it names none, or asks for anything else than Ed25519.
const crypto::KeyRing::Key* key_of(std::string_view header_part, const crypto::KeyRing& ring) {
  constexpr std::size_t kMostBrackets = 64;
  std::array<char, kMaxJwsSize> decoded;
  Header header = {};
  if (!read_json_members(decode_part(header_part, decoded), kMostBrackets, take_header_member, &header)) return nullptr;
  if (header.is_refused || !header.has_algorithm || header.key_id == 0 || header.key_id > UINT16_MAX) return nullptr;
  return ring.find(static_cast<std::uint16_t>(header.key_id));
}

void take_nothing(void*, const JsonMember&) {}

// Of a payload whose signature holds. nullptr where it is no object.
Jsonb* payload_of(std::string_view part) {
  auto* decoded = static_cast<char*>(palloc(kMaxJwsSize + 1));
  const std::string_view json = decode_part(part, {decoded, kMaxJwsSize});
  if (!read_json_members(json, kMaxJwsSize, take_nothing, nullptr)) return nullptr;
  decoded[json.size()] = '\0';
  return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(decoded)));
}

const JsonbValue* claim(Jsonb* claims, const char* name, JsonbValue& into) {
  return getKeyJsonValueFromContainer(&claims->root, name, static_cast<int>(strlen(name)), &into);
}

std::string_view string_of(const JsonbValue& value) {
  return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
}

// Empty where there is none, or no string.
std::string_view string_claim(Jsonb* claims, const char* name) {
  JsonbValue value;
  const JsonbValue* found = claim(claims, name, value);
  return found != nullptr && found->type == jbvString ? string_of(*found) : std::string_view{};
}

bool has_claim(Jsonb* claims, const char* name) {
  JsonbValue value;
  return claim(claims, name, value) != nullptr;
}

// A NumericDate as a time; false where there is none, or none that a timestamp can be.
bool time_claim(Jsonb* claims, const char* name, TimestampTz& into) {
  JsonbValue value;
  const JsonbValue* found = claim(claims, name, value);
  if (found == nullptr || found->type != jbvNumeric) return false;
  const double seconds =
      DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(found->val.numeric)));
  constexpr double kMostSeconds = 1e11;
  if (!(std::fabs(seconds) < kMostSeconds)) return false;
  constexpr double kEpochSeconds = static_cast<double>(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
  into = static_cast<TimestampTz>(std::floor((seconds - kEpochSeconds) * USECS_PER_SEC));
  return true;
}

// False where there is something else than a uuid.
bool id_claim(std::string_view text, identity::OptionalId& into) {
  into = {};
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kForm.size()) return false;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == '-') {
      if (text[i] != '-') return false;
      continue;
    }
    const char c = text[i];
    int digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else {
      return false;
    }
    into.bytes[digits / 2] = static_cast<unsigned char>(into.bytes[digits / 2] << 4 | digit);
    ++digits;
  }
  into.present = true;
  return true;
}

bool optional_id_claim(Jsonb* claims, const char* name, identity::OptionalId& into) {
  into = {};
  return !has_claim(claims, name) || id_claim(string_claim(claims, name), into);
}

pg_uuid_t uuid_of(const identity::OptionalId& id) {
  pg_uuid_t result;
  memcpy(result.data, id.bytes.data(), UUID_LEN);
  return result;
}

// RFC 7519, section 4.1.3: whoever is not named must refuse; so does whoever expects to be, where nobody is.
bool audience_fits(Jsonb* claims, std::string_view expected) {
  JsonbValue value;
  const JsonbValue* found = claim(claims, "aud", value);
  if (found == nullptr) return expected.empty();
  if (found->type == jbvString) return string_of(*found) == expected;
  if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data) || expected.empty()) return false;
  JsonbIterator* iterator = JsonbIteratorInit(found->val.binary.data);
  JsonbValue element;
  JsonbIteratorToken token;
  bool fits = false;
  while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE) {
    if (token != WJB_ELEM) continue;
    if (element.type != jbvString) return false;
    fits |= string_of(element) == expected;
  }
  return fits;
}

bool issuer_fits(Jsonb* claims) {
  const std::string_view expected = settings::access_token_issuer();
  return expected.empty() ? !has_claim(claims, "iss") : string_claim(claims, "iss") == expected;
}

// RFC 8693: who acts in the name of the subject.
bool take_actor(Jsonb* claims, AccessToken& into) {
  JsonbValue value;
  const JsonbValue* found = claim(claims, "act", value);
  if (found == nullptr) return true;
  if (found->type != jbvBinary || !JsonContainerIsObject(found->val.binary.data)) return false;
  JsonbValue subject;
  const JsonbValue* actor = getKeyJsonValueFromContainer(found->val.binary.data, "sub", 3, &subject);
  return actor != nullptr && actor->type == jbvString && id_claim(string_of(*actor), into.parties.impersonator);
}

// RFC 8693, section 4.2. A sign-in by the token is restricted to them.
bool take_scopes(Jsonb* claims, AccessToken& into) {
  if (!has_claim(claims, "scope")) return true;
  into.is_restricted = true;
  into.scopes = string_claim(claims, "scope");
  if (into.scopes.ends_with(' ')) return false;
  std::string_view rest = into.scopes;
  std::size_t count = 0;
  while (!rest.empty()) {
    if (!api_keys::scope_valid(identity::next_scope(rest)) || ++count > identity::kMostScopes) return false;
  }
  return true;
}

bool take_claims(Jsonb* claims, const text* audience, AccessToken& into) {
  const TimestampTz now = GetCurrentTimestamp();
  TimestampTz begins_at;
  identity::OptionalId token_id;
  if (!time_claim(claims, "exp", into.expires_at) || into.expires_at <= now) return false;
  if (!time_claim(claims, "iat", into.issued_at)) return false;
  if (!time_claim(claims, "nbf", begins_at) || begins_at > now) return false;
  if (!issuer_fits(claims)) return false;
  if (!audience_fits(claims, audience == nullptr ? settings::access_token_audience() : view_of(audience))) return false;
  if (!id_claim(string_claim(claims, "sub"), into.parties.user) || !id_claim(string_claim(claims, "jti"), token_id)) return false;
  if (!optional_id_claim(claims, "sid", into.parties.session)) return false;
  auto* id = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
  *id = uuid_of(token_id);
  into.token_id = UUIDPGetDatum(id);
  return take_actor(claims, into) && take_scopes(claims, into);
}

// Until when the account may have a token: for ever, the session's end, or not at all (DT_NOBEGIN).
TimestampTz access_ends(const pg_uuid_t& user, const pg_uuid_t* session_id_or_none) {
  TimestampTz ends = DT_NOEND;
  if (session_id_or_none != nullptr) {
    ends = DT_NOBEGIN;
    const RowProbe session = find_session(*session_id_or_none);
    if (is_live(session) && memcmp(user_id(session).data, user.data, UUID_LEN) == 0)
      ends = DatumGetTimestampTz(session.column(kExpiresAt).value);
    finish_probe(session);
  }
  return ends != DT_NOBEGIN && accounts::is_live(user) ? ends : DT_NOBEGIN;
}

bool parties_are_live(const identity::Parties& parties) {
  const pg_uuid_t user = uuid_of(parties.user);
  const pg_uuid_t session = uuid_of(parties.session);
  return access_ends(user, parties.session.present ? &session : nullptr) != DT_NOBEGIN;
}

}  // namespace

AccessToken read_access_token(std::string_view token, const text* audience) {
  const crypto::KeyRing& ring = required_ring();
  AccessToken result = {};
  if (operation::standby_is_stale()) return result;
  const std::optional<CompactJws> jws = split_jws(token);
  if (!jws) return result;
  const crypto::KeyRing::Key* key = key_of(jws->header, ring);
  if (key == nullptr || !signature_holds(*jws, key->public_key())) return result;
  result.claims = payload_of(jws->payload);
  result.is_valid = result.claims != nullptr && take_claims(result.claims, audience, result) && parties_are_live(result.parties);
  return result;
}

}  // namespace gatehouse::sessions

namespace crypto = gatehouse::crypto;
namespace identity = gatehouse::identity;
namespace sessions = gatehouse::sessions;

namespace {

NullableDatum uuid_or_null(const identity::OptionalId& id) {
  if (!id.present) return {.isnull = true};
  auto* copy = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
  *copy = sessions::uuid_of(id);
  return {UUIDPGetDatum(copy), false};
}

}  // namespace

// access_token_bound(user_id uuid, session_id uuid) → timestamptz: when a token of this account, and session, lapses at the
// latest; NULL where one of them is not live
extern "C" Datum gatehouse_sessions_access_token_bound(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const TimestampTz ends = sessions::access_ends(*PG_GETARG_UUID_P(0), PG_ARGISNULL(1) ? nullptr : PG_GETARG_UUID_P(1));
  if (ends == DT_NOBEGIN) PG_RETURN_NULL();
  PG_RETURN_TIMESTAMPTZ(ends);
}

// sign_access_token(payload text) → text: under the current key of the ring
extern "C" Datum gatehouse_sessions_sign_access_token(PG_FUNCTION_ARGS) {
  gatehouse::statement_text::note_secret();
  const crypto::KeyRing::Key& key = sessions::required_ring().current();
  const std::string_view payload = gatehouse::view_of(PG_GETARG_TEXT_PP(0));
  std::array<char, 64> header;
  const auto header_size = static_cast<std::size_t>(
      pg_snprintf(header.data(), header.size(), R"({"alg":"EdDSA","kid":"%d","typ":"JWT"})", key.id));
  text* token = gatehouse::allocate_text(sessions::jws_size(header_size, payload.size()));
  sessions::sign_jws({header.data(), header_size}, payload, key, {VARDATA(token), VARSIZE(token) - VARHDRSZ});
  PG_RETURN_TEXT_P(token);
}

// verify_access_token(token text, audience text) → (user_id uuid, session_id uuid, token_id uuid, issued_at timestamptz, expires_at
// timestamptz, claims jsonb), or no row
extern "C" Datum gatehouse_sessions_verify_access_token(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  const auto* rows = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  if (PG_ARGISNULL(0)) return Datum{0};
  gatehouse::statement_text::note_secret();
  const sessions::AccessToken token =
      sessions::read_access_token(gatehouse::view_of(PG_GETARG_TEXT_PP(0)), PG_ARGISNULL(1) ? nullptr : PG_GETARG_TEXT_PP(1));
  if (!token.is_valid) return Datum{0};
  const std::array<NullableDatum, 6> columns = {{
      uuid_or_null(token.parties.user),
      uuid_or_null(token.parties.session),
      {token.token_id, false},
      {TimestampTzGetDatum(token.issued_at), false},
      {TimestampTzGetDatum(token.expires_at), false},
      {JsonbPGetDatum(token.claims), false},
  }};
  std::array<Datum, columns.size()> values;
  std::array<bool, columns.size()> nulls;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    values[i] = columns[i].value;
    nulls[i] = columns[i].isnull;
  }
  tuplestore_putvalues(rows->setResult, rows->setDesc, values.data(), nulls.data());
  return Datum{0};
}

// jwks() → jsonb: the public keys of the ring, the current one first (RFC 7517, RFC 8037)
extern "C" Datum gatehouse_sessions_jwks(PG_FUNCTION_ARGS) {
  const crypto::KeyRing& ring = sessions::required_ring();
  StringInfoData json;
  initStringInfo(&json);
  appendStringInfoString(&json, R"({"keys": [)");
  for (std::size_t i = 0; i < ring.count; ++i) {
    std::array<char, crypto::base64url_size(crypto::kPublicKeyBytes)> x;
    crypto::encode_base64url(ring.keys[i].public_key(), x);
    appendStringInfo(&json, R"(%s{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "%d", "x": "%.*s"})",
                     i == 0 ? "" : ", ", ring.keys[i].id, static_cast<int>(x.size()), x.data());
  }
  appendStringInfoString(&json, "]}");
  PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}

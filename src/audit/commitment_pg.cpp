// Commitments to the personal details of events: they bind the event to its details without holding them,
// and prove nothing once the salt is gone. The bytes are documented in doc/audit.md.
#include <sodium.h>

#include "boundary/server_pg.h"
#include "boundary/text_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_audit_generate_salt);
PG_FUNCTION_INFO_V1(gatehouse_audit_event_commitment);
PG_FUNCTION_INFO_V1(gatehouse_audit_cluster_identifier);
}

namespace gatehouse::audit {

namespace {

constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kCommitmentBytes = 32;
static_assert(kSaltBytes >= crypto_generichash_KEYBYTES_MIN && kSaltBytes <= crypto_generichash_KEYBYTES_MAX);

using State = crypto_generichash_state;

void absorb(State& state, const void* bytes, std::size_t size) {
  crypto_generichash_update(&state, static_cast<const unsigned char*>(bytes), size);
}

// NULL is the byte 0; a value is the byte 1, its size as 4 bytes, most significant first, and itself.
void absorb_null(State& state) { absorb(state, "\0", 1); }

void absorb_value(State& state, std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  const unsigned char head[] = {1, static_cast<unsigned char>(size >> 24), static_cast<unsigned char>(size >> 16),
                                static_cast<unsigned char>(size >> 8), static_cast<unsigned char>(size)};
  absorb(state, head, sizeof head);
  absorb(state, value.data(), value.size());
}

}  // namespace

}  // namespace gatehouse::audit

// generate_salt() → bytea
extern "C" Datum gatehouse_audit_generate_salt(PG_FUNCTION_ARGS) {
  std::array<unsigned char, gatehouse::audit::kSaltBytes> salt;
  randombytes_buf(salt.data(), salt.size());
  return gatehouse::bytea_datum(salt);
}

// event_commitment(salt bytea, ip inet, user_agent text, context jsonb) → bytea
extern "C" Datum gatehouse_audit_event_commitment(PG_FUNCTION_ARGS) {
  using namespace gatehouse::audit;
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const auto salt = gatehouse::bytes_of(PG_GETARG_BYTEA_PP(0));
  if (salt.size() != kSaltBytes) PG_RETURN_NULL();
  State state;
  crypto_generichash_init(&state, salt.data(), salt.size(), kCommitmentBytes);
  absorb(state, "gatehouse event 1\n", 18);
  if (PG_ARGISNULL(1)) {
    absorb_null(state);
  } else {
    absorb_value(state, DatumGetCString(DirectFunctionCall1(inet_out, PG_GETARG_DATUM(1))));
  }
  if (PG_ARGISNULL(2)) {
    absorb_null(state);
  } else {
    absorb_value(state, gatehouse::view_of(PG_GETARG_TEXT_PP(2)));
  }
  if (PG_ARGISNULL(3)) {
    absorb_null(state);
  } else {
    Jsonb* context = PG_GETARG_JSONB_P(3);
    absorb_value(state, JsonbToCString(nullptr, &context->root, VARSIZE(context)));
  }
  std::array<unsigned char, kCommitmentBytes> commitment;
  crypto_generichash_final(&state, commitment.data(), commitment.size());
  return gatehouse::bytea_datum(commitment);
}

// cluster_identifier() → bigint
extern "C" Datum gatehouse_audit_cluster_identifier(PG_FUNCTION_ARGS) {
  PG_RETURN_INT64(static_cast<std::int64_t>(GetSystemIdentifier()));
}

// Whether what is presented opens an API key whose row was found. Edge.
#pragma once

#include <string_view>

#include "api_keys/key_table_pg.h"
#include "crypto/token.h"

namespace gatehouse::api_keys {

// Of a key the first that holds, in this order.
enum class Verdict {
  kMissing,
  kMalformed,
  kStaleStandby,
  kUnknown,
  kKeyRing,
  kDeactivated,
  kExpired,
  kOwnerInactive,
  kAddress,
  kScopes,
  kOk,
};

// The status of check_api_key, and the reason in an event. Whoever doesn't hold the key's secret is told nothing of the
// key, and must not bring its name into the log.
struct Words {
  const char* status;
  const char* reason;
  bool secret_is_proven;
};
const Words& words_for(Verdict verdict);

// The digest is made beforehand, under the key that it is likely to need, while the row is fetched from memory.
struct Presented {
  std::string_view text;
  bool has_digest;
  std::int32_t ring_key_id;
  crypto::Digest digest;
};
Presented present(std::string_view text);

// Beside the key itself.
struct Demands {
  Datum scopes;      // text[], of which all must be covered
  NullableDatum ip;  // inet
};

// From kUnknown on. kNullArgument where one of the scopes is NULL.
Verdict judge(const KeyProbe& probe, const Presented& presented, const Demands& demands);

}  // namespace gatehouse::api_keys

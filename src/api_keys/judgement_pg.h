// Whether what is presented opens an API key whose row was found. Edge.
#pragma once

#include <string_view>

#include "api_keys/key_table_pg.h"
#include "crypto/token.h"

namespace gatehouse::api_keys {

inline constexpr std::string_view kUnknownKey = "unknown";

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

// Why the key is refused; nullptr where it isn't. kUnknownKey where there is no such row or its secret is another: to
// such a caller nothing must be told of the row. kNullArgument where one of the scopes is NULL.
const char* refusal_of(const KeyProbe& probe, const Presented& presented, const Demands& demands);

}  // namespace gatehouse::api_keys

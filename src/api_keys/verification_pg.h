// Verifies an API key: form and checksum first, then one index probe. Reads only. Edge.
#pragma once

#include "api_keys/key_table_pg.h"

namespace gatehouse::api_keys {

// What is told of a key that is accepted, not 0; of the probe nothing is valid afterwards.
using Accept = Datum (*)(FunctionCallInfo fcinfo, const KeyProbe& probe);

// For a function whose arguments are (api_key text, required_scopes text[], ip inet): what `accept` tells of the key, 0
// where it is refused, which is reported once a second. kNullArgument where the scopes, or one of them, are NULL.
Datum verify_reporting(FunctionCallInfo fcinfo, Accept accept);

}  // namespace gatehouse::api_keys

// Lists of scopes, text[], as SQL has them. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::api_keys {

// Points into the array. A NULL among the scopes covers nothing and is covered by nothing.
struct ScopeList {
  Datum* values;
  bool* nulls;
  int count;
};
ScopeList scope_list(Datum array);

bool list_covers(const ScopeList& held, std::string_view wanted);

}  // namespace gatehouse::api_keys

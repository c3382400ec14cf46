// Scopes: `resource` or `action:resource`; `action:*` covers every resource of the action. Core.
#pragma once

#include <string_view>

namespace gatehouse::api_keys {

// Each part is 1..64 of a-z, 0-9, `_`, `-` and `.`, beginning with a letter; the resource after an
// action may be `*`.
bool scope_valid(std::string_view scope) noexcept;

// Whether holding `held` is enough where `required` is asked for.
bool scope_covers(std::string_view held, std::string_view required) noexcept;

}  // namespace gatehouse::api_keys

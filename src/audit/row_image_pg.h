// A row, or some of its columns, as the log shows it. Edge.
#pragma once

#include "audit/audited_relation_pg.h"

namespace gatehouse::audit {

using Selection = std::span<const std::uint16_t>;  // indexes into AuditedRelation::columns, ascending

// All attributes of the slot must have been fetched. In the current context.
Jsonb* object_of(const AuditedRelation& table, Selection selection, const TupleTableSlot& slot, NeutralSettings& settings);

}  // namespace gatehouse::audit

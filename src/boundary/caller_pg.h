// Who called: the outer user, also within SECURITY DEFINER functions. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

// The outer user (SET ROLE counts). But where PostgreSQL itself runs what a table's owner wrote, as that owner (ANALYZE
// and autovacuum, REINDEX, REFRESH MATERIALIZED VIEW), it is the current user: the owner must not act as whoever
// maintains the table, often a superuser.
Oid calling_role();

// Whether calling_role() has the rights of gatehouse_admin. Within the actions of a foreign key it is the current user who
// must have them, so that an owner's triggers do not act as whoever deletes from the table that is referenced.
bool caller_is_administrator();

}  // namespace gatehouse

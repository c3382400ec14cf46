// Who called: the outer user, also within SECURITY DEFINER functions. Edge.
#pragma once

namespace gatehouse {

// Whether the outer user (SET ROLE counts) has the rights of gatehouse_admin.
bool caller_is_administrator();

}  // namespace gatehouse

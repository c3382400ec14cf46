#include "boundary/caller_pg.h"

extern "C" {
#include "miscadmin.h"
#include "utils/acl.h"
}

namespace gatehouse {

Oid calling_role() { return InSecurityRestrictedOperation() ? GetUserId() : GetOuterUserId(); }

bool caller_is_administrator() {
  const Oid administrators = get_role_oid("gatehouse_admin", true);
  return OidIsValid(administrators) && has_privs_of_role(calling_role(), administrators);
}

}  // namespace gatehouse

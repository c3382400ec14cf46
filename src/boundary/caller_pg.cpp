#include "boundary/caller_pg.h"

extern "C" {
#include "miscadmin.h"
#include "utils/acl.h"
}

namespace gatehouse {

Oid calling_role() { return InSecurityRestrictedOperation() ? GetUserId() : GetOuterUserId(); }

bool caller_is_administrator() {
  const Oid administrators = get_role_oid("gatehouse_admin", true);
  // What a foreign key's cascade sets off runs as the owner of the referencing table, on whoever's deletion.
  const Oid role = InNoForceRLSOperation() ? GetUserId() : calling_role();
  return OidIsValid(administrators) && has_privs_of_role(role, administrators);
}

}  // namespace gatehouse

#include "boundary/caller_pg.h"

#include "boundary/server_pg.h"

extern "C" {
#include "miscadmin.h"
#include "utils/acl.h"
}

namespace gatehouse {

bool caller_is_administrator() {
  const Oid administrators = get_role_oid("gatehouse_admin", true);
  return OidIsValid(administrators) && has_privs_of_role(GetOuterUserId(), administrators);
}

}  // namespace gatehouse

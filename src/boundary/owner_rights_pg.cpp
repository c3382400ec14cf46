#include "boundary/owner_rights_pg.h"

extern "C" {
#include "utils/acl.h"
}

namespace gatehouse {

Rights take_owner_rights(int restrictions) {
  Rights of_caller;
  GetUserIdAndSecContext(&of_caller.user, &of_caller.security);
  SetUserIdAndSecContext(get_role_oid("gatehouse_owner", false), of_caller.security | restrictions);
  return of_caller;
}

void give_back_rights(const Rights& of_caller) { SetUserIdAndSecContext(of_caller.user, of_caller.security); }

}  // namespace gatehouse

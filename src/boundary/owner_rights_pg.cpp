#include "boundary/owner_rights_pg.h"

extern "C" {
#include "utils/acl.h"
}

namespace gatehouse {

Rights current_rights() {
  Rights rights;
  GetUserIdAndSecContext(&rights.user, &rights.security);
  return rights;
}

Rights take_rights_of(Oid role, int restrictions) {
  const Rights of_caller = current_rights();
  SetUserIdAndSecContext(role, of_caller.security | restrictions);
  return of_caller;
}

Rights take_owner_rights(int restrictions) { return take_rights_of(get_role_oid("gatehouse_owner", false), restrictions); }

void give_back_rights(const Rights& of_caller) { SetUserIdAndSecContext(of_caller.user, of_caller.security); }

}  // namespace gatehouse

// The rights of gatehouse_owner, for statements that C++ runs. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

struct Rights {
  Oid user;
  int security;
};

// From now on, until they are given back or the (sub)transaction is rolled back, which gives them back itself. `restrictions`
// are of SECURITY_LOCAL_USERID_CHANGE and SECURITY_RESTRICTED_OPERATION.
Rights take_owner_rights(int restrictions);
Rights take_rights_of(Oid role, int restrictions);
Rights current_rights();
void give_back_rights(const Rights& of_caller);

}  // namespace gatehouse

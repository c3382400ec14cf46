// What the application says of its transaction, for the log: gatehouse.set_audit_context(). Edge.
//
// It ends with the transaction, and a savepoint's rollback undoes it, as the identity: by a custom setting whose value nobody
// else can set. The setting's value is a number that tells one context from another; the context itself is what the setting
// keeps beside it. Parallel workers write no log and don't know the context.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::audit {

// nullptr: there is none. Valid until the next change of the context, a rollback's among them.
Jsonb* transaction_context();

// Called once, when the library is loaded.
void define_transaction_context();

}  // namespace gatehouse::audit

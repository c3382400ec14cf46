// The identity of the transaction, and the setting that carries it. Edge.
//
// gatehouse.identity is set with the scope of the transaction, so PostgreSQL itself undoes it at the transaction's end
// and with a savepoint, and takes it to parallel workers. Nobody but the functions below can give it a value: the check
// hook takes the one value that was announced just before, once.
#pragma once

#include "boundary/server_pg.h"
#include "identity/identity_text.h"

namespace gatehouse::identity {

// As the check hook keeps it; `scopes` is a text[], nullptr where the sign-in is not restricted to scopes.
struct Held {
  Parties parties;
  ArrayType* scopes;
};

// Written by the setting's assign hook alone.
namespace carrier {
extern const Held* held;
extern std::uint64_t changes;
}  // namespace carrier

// nullptr: nobody is signed in. Valid until the next change: what outlives the caller is to be copied.
inline const Held* current() { return carrier::held; }

// Grows with each change of the identity, a rollback's among them.
inline std::uint64_t generation() { return carrier::changes; }

// From now on, until the transaction ends or a savepoint is rolled back. Both raise during a parallel operation.
void sign_in(const Identity& identity);
void sign_out();

// Called once, when the library is loaded.
void define_carrier();

}  // namespace gatehouse::identity

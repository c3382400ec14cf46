// Deleting an account's row beside the application's triggers. Edge.
//
// What a foreign key does to the application's tables runs as their owner, but before PostgreSQL 18 their AFTER triggers
// run as whoever ends the statement. That would be gatehouse_owner, who reads every hash. So triggers are held back until
// the statement is over, and fire as the role that is given.
#include "boundary/server_pg.h"

extern "C" {
#include "executor/spi.h"

PG_FUNCTION_INFO_V1(gatehouse_accounts_delete_user_row);
PG_FUNCTION_INFO_V1(gatehouse_accounts_make_constraints_immediate);
}

namespace {

struct Rights {
  Oid role;
  int context;
};

// As within the action of a foreign key, where nobody is an administrator by who called. An error puts the old rights
// back with the subtransaction.
Rights act_as(Oid role) {
  Rights before;
  GetUserIdAndSecContext(&before.role, &before.context);
  SetUserIdAndSecContext(role, before.context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
  return before;
}

void act_again_as(const Rights& before) { SetUserIdAndSecContext(before.role, before.context); }

void fire_triggers() {
  EState* state = CreateExecutorState();
  AfterTriggerEndQuery(state);
  ExecResetTupleTable(state->es_tupleTable, false);
  ExecCloseResultRelations(state);
  FreeExecutorState(state);
}

}  // namespace

// delete_user_row(user_id uuid, acting_role oid) → void
extern "C" Datum gatehouse_accounts_delete_user_row(PG_FUNCTION_ARGS) {
  Datum user_id = PG_GETARG_DATUM(0);
  Oid type = UUIDOID;
  SPI_connect();
  const SPIPlanPtr plan = SPI_prepare("DELETE FROM gatehouse.users WHERE id OPERATOR(pg_catalog.=) $1", 1, &type);
  AfterTriggerBeginQuery();
  SPI_execute_snapshot(plan, &user_id, nullptr, InvalidSnapshot, InvalidSnapshot, false, false, 0);
  const Rights before = act_as(PG_GETARG_OID(1));
  fire_triggers();
  act_again_as(before);
  SPI_finish();
  PG_RETURN_VOID();
}

// make_constraints_immediate(acting_role oid) → void: fires what is deferred, which may be triggers of the application.
extern "C" Datum gatehouse_accounts_make_constraints_immediate(PG_FUNCTION_ARGS) {
  const Rights before = act_as(PG_GETARG_OID(0));
  SPI_connect();
  SPI_execute("SET CONSTRAINTS ALL IMMEDIATE", false, 0);
  SPI_finish();
  act_again_as(before);
  PG_RETURN_VOID();
}

// Hides secrets in what extensions keep of utility statements, pg_stat_statements above all, which keeps their constants: DO,
// EXPLAIN, CREATE TABLE AS, PREPARE, COPY. Edge.
//
// They get a text of the same length, since places in it stay the same. What is run is the parsed statement, not the text.
#include "statement_text/concern_pg.h"

extern "C" {
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
}

namespace gatehouse::statement_text {

namespace {

ProcessUtility_hook_type next_hook;

void before_utility(PlannedStmt* statement, const char* text, bool read_only_tree, ProcessUtilityContext context,
                    ParamListInfo parameters, QueryEnvironment* environment, DestReceiver* destination,
                    QueryCompletion* completion) {
  hide_activity();
  if (text != nullptr && (text == debug_query_string ? client_statement_concerns_us()
                                                     : part_concerns_us(text, statement->stmt_location, statement->stmt_len))) {
    text = masked_copy(text);
  }
  const ProcessUtility_hook_type next = next_hook != nullptr ? next_hook : standard_ProcessUtility;
  next(statement, text, read_only_tree, context, parameters, environment, destination, completion);
}

}  // namespace

void install_utility_hook() {
  next_hook = ProcessUtility_hook;
  ProcessUtility_hook = before_utility;
}

}  // namespace gatehouse::statement_text

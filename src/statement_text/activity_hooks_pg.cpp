// Hides secrets in pg_stat_activity: from the analysis of a statement on, and again each time that a prepared one is
// executed. Edge.
#include "statement_text/concern_pg.h"

extern "C" {
#include "parser/analyze.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"
}

namespace gatehouse::statement_text {

namespace {

post_parse_analyze_hook_type next_analyze_hook;
ExecutorStart_hook_type next_start_hook;

void mask_activity(const char* statement) {
  // Other texts are those of statements within functions, which pg_stat_activity doesn't show.
  if (statement == nullptr || statement != debug_query_string || !concerns_us(statement)) return;
  char* masked = masked_copy(statement);
  pgstat_report_activity(STATE_RUNNING, masked);
  pfree(masked);
}

void after_analysis(ParseState* state, Query* query, JumbleState* jumble) {
  mask_activity(state->p_sourcetext);
  if (next_analyze_hook != nullptr) next_analyze_hook(state, query, jumble);
}

void at_start(QueryDesc* query, int flags) {
  mask_activity(query->sourceText);
  if (next_start_hook != nullptr) {
    next_start_hook(query, flags);
  } else {
    standard_ExecutorStart(query, flags);
  }
}

}  // namespace

void install_activity_hooks() {
  next_analyze_hook = post_parse_analyze_hook;
  post_parse_analyze_hook = after_analysis;
  next_start_hook = ExecutorStart_hook;
  ExecutorStart_hook = at_start;
}

}  // namespace gatehouse::statement_text

// Hides secrets in pg_stat_activity, from the analysis of a statement on and again whenever a prepared one is bound or executed;
// and in the text that goes with a plan, which pg_stat_statements, auto_explain and parallel workers take from there. Edge.
//
// pg_stat_statements keeps the text without constants that it made at the analysis. But where that has been removed meanwhile, by a
// reset or for want of room, it keeps the text as it is when the plan has run.
#include "statement_text/concern_pg.h"

extern "C" {
#include "optimizer/planner.h"
#include "parser/analyze.h"
#include "tcop/tcopprot.h"
}

namespace gatehouse::statement_text {

namespace {

post_parse_analyze_hook_type next_analyze_hook;
planner_hook_type next_planner_hook;
ExecutorStart_hook_type next_start_hook;
ExecutorRun_hook_type next_run_hook;

// The text to go on with: the same, or a copy without secrets in the current memory context. Texts other than the client's are
// those of statements within functions.
const char* without_secrets(const char* text, int location, int size) {
  if (text == nullptr) return text;
  const bool concerns =
      text == debug_query_string ? client_statement_concerns_us() : part_concerns_us(text, location, size);
  if (!concerns) return text;
  // A function of somebody's own is about to call one of ours.
  note_secret();
  return masked_copy(text);
}

void after_analysis(ParseState* state, Query* query, JumbleState* jumble) {
  hide_activity();
  if (next_analyze_hook != nullptr) next_analyze_hook(state, query, jumble);
}

PlannedStmt* before_planning(Query* query, const char* text, int options, ParamListInfo parameters) {
  const char* shown = without_secrets(text, query->stmt_location, query->stmt_len);
  hide_activity();
  const planner_hook_type next = next_planner_hook != nullptr ? next_planner_hook : standard_planner;
  return next(query, shown, options, parameters);
}

void at_start(QueryDesc* query, int flags) {
  query->sourceText = without_secrets(query->sourceText, query->plannedstmt->stmt_location, query->plannedstmt->stmt_len);
  hide_activity();
  const ExecutorStart_hook_type next = next_start_hook != nullptr ? next_start_hook : standard_ExecutorStart;
  next(query, flags);
}

// Up to PostgreSQL 17 there is one parameter more.
template <class... More>
void at_run(QueryDesc* query, ScanDirection direction, uint64 count, More... more) {
  hide_activity();
  const ExecutorRun_hook_type next = next_run_hook != nullptr ? next_run_hook : standard_ExecutorRun;
  next(query, direction, count, more...);
}

}  // namespace

void install_activity_hooks() {
  next_analyze_hook = post_parse_analyze_hook;
  post_parse_analyze_hook = after_analysis;
  next_planner_hook = planner_hook;
  planner_hook = before_planning;
  next_start_hook = ExecutorStart_hook;
  ExecutorStart_hook = at_start;
  next_run_hook = ExecutorRun_hook;
  ExecutorRun_hook = at_run;
}

}  // namespace gatehouse::statement_text

// Hides secrets in what the server logs, whatever the form of the log. Edge.
//
// PostgreSQL promises that the hook may switch a report off, and no more; that what it changes is what is logged is held by
// a test on each major. Fields are changed in place and keep their length. The client is told the same as the log.
#include "boundary/settings_pg.h"
#include "statement_text/concern_pg.h"
#include "statement_text/statement_text.h"

extern "C" {
#include "pgstat.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
}

namespace gatehouse::statement_text {

namespace {

emit_log_hook_type next_hook;

// The client's statement as it came, once debug_query_string is a masked copy of it: both live until the statement ends.
struct MaskedStatement {
  const char* original;
  const char* masked;
  TimestampTz began_at;
};
MaskedStatement present;

std::span<char> characters(char* text) { return {text, text != nullptr ? strlen(text) : 0}; }

bool starts_with(const char* text, std::string_view prefix) {
  return text != nullptr && strncmp(text, prefix.data(), prefix.size()) == 0;
}

// What the server writes of bind parameters.
bool shows_parameters(const char* text) {
  if (text == nullptr) return false;
  // In whatever language: `$1 = `.
  for (const char* at = strchr(text, '$'); at != nullptr; at = strchr(at + 1, '$')) {
    const std::size_t digits = strspn(at + 1, "0123456789");
    if (digits > 0 && starts_with(at + 1 + digits, " = ")) return true;
  }
  return false;
}

// What shows the client's statement word for word gets the masked one. What is left in quotes is hidden where it may be of a
// statement, be it one that the client's has run; elsewhere a mark may be an apostrophe.
void mask_field(char* field, bool has_masked, bool may_quote_statement) {
  if (field == nullptr) return;
  if (has_masked && present.original[0] != '\0') {
    const std::size_t size = strlen(present.original);
    for (char* found = strstr(field, present.original); found != nullptr; found = strstr(found + size, present.original)) {
      memcpy(found, present.masked, size);
    }
    mask_literals_of(characters(field), present.original);
    mask_quoted_parts_of(characters(field), present.original, present.masked);
  }
  if (may_quote_statement || names_secret_function(field)) mask_between_quotes(characters(field));
}

// Puts a masked copy into the place of the client's statement, if that has not been done. In the middle of an error there may be
// no memory to be had: then false, as where there is none any more.
bool mask_statement() {
  if (debug_query_string == nullptr) return false;
  const TimestampTz began_at = GetCurrentStatementStartTimestamp();
  if (debug_query_string == present.masked && present.began_at == began_at) return true;
  const std::string_view statement = debug_query_string;
  // A parallel worker has no messages of a client, and ends with its query.
  MemoryContext memory = MessageContext != nullptr ? MessageContext : TopMemoryContext;
  auto* masked = static_cast<char*>(
      MemoryContextAllocExtended(memory, statement.size() + 1, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM));
  if (masked == nullptr) return false;
  memcpy(masked, statement.data(), statement.size());
  masked[statement.size()] = '\0';
  mask_literals({masked, statement.size()});
  present = {.original = debug_query_string, .masked = masked, .began_at = began_at};
  debug_query_string = masked;
  if (MyBEEntry != nullptr) pgstat_report_activity(STATE_RUNNING, masked);
  // The copy may not say any more that it concerns us.
  note_secret();
  looked_at(masked);
  return true;
}

// A report of the present statement, which holds a secret.
void mask_own(ErrorData* report) {
  const bool hide_parameters = settings::log_parameters() != settings::LogParameters::kAll;
  // A tree of nodes has the values byte by byte.
  if (starts_with(report->message, "parse tree:") || starts_with(report->message, "rewritten parse tree:") ||
      starts_with(report->message, "raw parse tree:") || starts_with(report->message, "plan:")) {
    for (char& c : characters(report->detail)) c = c == '\n' ? c : '*';
  }
  const bool masked = mask_statement();
  if (!masked) report->hide_stmt = true;
  const bool logs_statement = report->elevel <= LOG || starts_with(report->message, "duration: ");
  mask_field(report->message, masked, logs_statement);
  mask_field(report->hint, masked, false);
  // An invalid value is quoted in the message, be it one that was bound.
  if (ERRCODE_TO_CATEGORY(report->sqlerrcode) == ERRCODE_DATA_EXCEPTION) {
    mask_quoted_value(characters(report->message));
    mask_all_quoted(characters(report->detail));
    mask_behind_colons(characters(report->context));
  }
  for (char* field : {report->detail, report->detail_log, report->context, report->internalquery}) {
    if (hide_parameters) mask_bound_values(characters(field));
    if (hide_parameters || !shows_parameters(field)) mask_field(field, masked, true);
  }
}

// A report that quotes somebody else's statement: of a deadlock, of a backend that has crashed; or one of a function's body.
void mask_foreign(ErrorData* report) {
  for (char* field : {report->message, report->detail, report->detail_log, report->context, report->internalquery}) {
    if (field != nullptr && names_secret_function(field)) mask_between_quotes(characters(field));
  }
}

// From PostgreSQL 16 on auto_explain writes them into its message.
void mask_parameters(ErrorData* report) {
  for (char* field : {report->message, report->detail, report->detail_log, report->context}) {
    if (!shows_parameters(field)) continue;
    mask_bound_values(characters(field));
    mask_between_quotes(characters(field));
  }
}

void before_logging(ErrorData* report) {
  if (report->output_to_server) {
    if (client_statement_concerns_us()) {
      mask_own(report);
    } else {
      mask_foreign(report);
    }
    if (settings::log_parameters() == settings::LogParameters::kNone) mask_parameters(report);
  }
  if (next_hook != nullptr) next_hook(report);
}

}  // namespace

void install_log_hook() {
  next_hook = emit_log_hook;
  emit_log_hook = before_logging;
}

}  // namespace gatehouse::statement_text

#include "statement_text/concern_pg.h"

#include "statement_text/statement_text.h"

extern "C" {
#include "commands/prepare.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/plancache.h"
}

namespace gatehouse::statement_text {

namespace {

// When the statement began that has brought a secret. Each message of the client has a time of its own.
TimestampTz secret_statement = DT_NOBEGIN;

// The client's text that was looked at last, and what was found. A text at the same place at another time is another one.
struct Looked {
  const char* text;
  TimestampTz began_at;
  bool concerns;
  bool hidden;  // in pg_stat_activity
};
Looked looked;

void look() {
  const TimestampTz began_at = GetCurrentStatementStartTimestamp();
  if (looked.text == debug_query_string && looked.began_at == began_at) return;
  looked = {.text = debug_query_string, .began_at = began_at, .concerns = concerns_us(debug_query_string), .hidden = false};
}

// Where there is no such statement, `otherwise`.
bool prepared_concerns_us(std::string_view name, bool otherwise) {
  if (name.empty() || name.size() >= NAMEDATALEN) return otherwise;
  char written[NAMEDATALEN];
  bool known = false;
  // Both as it is written and as it is folded: whether it was quoted is not known here.
  for (const bool folded : {false, true}) {
    for (std::size_t i = 0; i < name.size(); ++i) {
      written[i] = folded ? static_cast<char>(pg_tolower(static_cast<unsigned char>(name[i]))) : name[i];
    }
    written[name.size()] = '\0';
    const PreparedStatement* prepared = FetchPreparedStatement(written, false);
    if (prepared != nullptr && names_secret_function(prepared->plansource->query_string)) return true;
    known = known || prepared != nullptr;
  }
  return !known && otherwise;
}

}  // namespace

void note_secret() { secret_statement = GetCurrentStatementStartTimestamp(); }

bool concerns_us(std::string_view statement) {
  if (names_secret_function(statement)) return true;
  // A statement that was lost with its connection, say, may have been one of ours. Within a body EXECUTE is another command.
  const bool executes = begins_with(statement, "execute");
  std::size_t at = 0;
  for (std::string_view name = next_executed(statement, at); !name.empty(); name = next_executed(statement, at)) {
    if (prepared_concerns_us(name, executes)) return true;
  }
  return false;
}

bool client_statement_concerns_us() {
  // What is reported when the statement's portal is dropped still belongs to it, though its text is gone.
  if (secret_statement == GetCurrentStatementStartTimestamp()) return true;
  if (debug_query_string == nullptr) return false;
  look();
  return looked.concerns;
}

bool part_concerns_us(const char* text, int location, int size) {
  const std::string_view all = text;
  const std::size_t begin = location > 0 && static_cast<std::size_t>(location) < all.size() ? static_cast<std::size_t>(location) : 0;
  return concerns_us(all.substr(begin, size > 0 ? static_cast<std::size_t>(size) : std::string_view::npos));
}

void looked_at(const char* statement) {
  looked = {.text = statement, .began_at = GetCurrentStatementStartTimestamp(), .concerns = true, .hidden = true};
}

void hide_activity() {
  if (debug_query_string == nullptr || !client_statement_concerns_us()) return;
  look();
  if (looked.hidden) return;
  looked.hidden = true;
  char* masked = masked_copy(debug_query_string);
  const auto query_id = pgstat_get_my_query_id();
  pgstat_report_activity(STATE_RUNNING, masked);
  pgstat_report_query_id(query_id, true);
  pfree(masked);
}

char* masked_copy(std::string_view statement) {
  char* copy = pnstrdup(statement.data(), statement.size());
  mask_literals({copy, statement.size()});
  return copy;
}

}  // namespace gatehouse::statement_text

#include "statement_text/concern_pg.h"

#include "statement_text/statement_text.h"

extern "C" {
#include "commands/prepare.h"
#include "tcop/tcopprot.h"
#include "utils/plancache.h"
}

namespace gatehouse::statement_text {

namespace {

// When the statement began that has brought a secret. Each message of the client has a time of its own.
TimestampTz secret_statement = DT_NOBEGIN;

bool prepared_concerns_us(std::string_view name) {
  if (name.empty() || name.size() >= NAMEDATALEN) return false;
  char written[NAMEDATALEN];
  // Both as it is written and as it is folded: whether it was quoted is not known here.
  for (const bool folded : {false, true}) {
    for (std::size_t i = 0; i < name.size(); ++i) {
      written[i] = folded ? static_cast<char>(pg_tolower(static_cast<unsigned char>(name[i]))) : name[i];
    }
    written[name.size()] = '\0';
    const PreparedStatement* prepared = FetchPreparedStatement(written, false);
    if (prepared != nullptr && names_secret_function(prepared->plansource->query_string)) return true;
  }
  return false;
}

}  // namespace

void note_secret() { secret_statement = GetCurrentStatementStartTimestamp(); }

bool concerns_us(std::string_view statement) {
  if (names_secret_function(statement)) return true;
  std::size_t at = 0;
  for (std::string_view name = next_executed(statement, at); !name.empty(); name = next_executed(statement, at)) {
    if (prepared_concerns_us(name)) return true;
  }
  return false;
}

bool client_statement_concerns_us() {
  // What is reported when the statement's portal is dropped still belongs to it, though its text is gone.
  if (secret_statement == GetCurrentStatementStartTimestamp()) return true;
  return debug_query_string != nullptr && concerns_us(debug_query_string);
}

char* masked_copy(std::string_view statement) {
  char* copy = pnstrdup(statement.data(), statement.size());
  mask_literals({copy, statement.size()});
  return copy;
}

}  // namespace gatehouse::statement_text

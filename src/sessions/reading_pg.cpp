// What may be told of a session. Edge.
#include "accounts/account_row_pg.h"
#include "boundary/text_pg.h"
#include "operation/standby_staleness_pg.h"
#include "sessions/session_row_pg.h"
#include "statement_text/concern_pg.h"

extern "C" {
PG_FUNCTION_INFO_V1(gatehouse_sessions_verify);
}

namespace sessions = gatehouse::sessions;

namespace {

// In the order of session_info.
constexpr std::array<AttrNumber, 9> kTold = {
    sessions::kSessionId, sessions::kUserId,     sessions::kDevice,    sessions::kIp,            sessions::kUserAgent,
    sessions::kCreatedAt, sessions::kLastUsedAt, sessions::kExpiresAt, sessions::kIdleExpiresAt,
};

void tell_current(const ReturnSetInfo* rows, const gatehouse::RowProbe& session) {
  std::array<Datum, kTold.size() + 1> values;
  std::array<bool, kTold.size() + 1> nulls;
  for (std::size_t i = 0; i < kTold.size(); ++i) {
    const NullableDatum column = session.column(kTold[i]);
    values[i] = column.value;
    nulls[i] = column.isnull;
  }
  values[kTold.size()] = BoolGetDatum(true);
  nulls[kTold.size()] = false;
  tuplestore_putvalues(rows->setResult, rows->setDesc, values.data(), nulls.data());
}

}  // namespace

// verify_refresh_token(token text) → setof gatehouse.session_info: the live session whose current token this is
extern "C" Datum gatehouse_sessions_verify(PG_FUNCTION_ARGS) {
  InitMaterializedSRF(fcinfo, 0);
  if (PG_ARGISNULL(0) || gatehouse::operation::standby_is_stale()) return Datum{0};
  gatehouse::statement_text::note_secret();
  const std::string_view token = gatehouse::view_of(PG_GETARG_TEXT_PP(0));
  const gatehouse::RowProbe session = sessions::find_session(token);
  if (sessions::is_live(session) && sessions::matches_current(session, token) == sessions::Match::kYes &&
      gatehouse::accounts::is_live(sessions::user_id(session))) {
    tell_current(reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo), session);
  }
  finish_probe(session);
  return Datum{0};
}

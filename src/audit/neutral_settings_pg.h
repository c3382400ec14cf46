// Settings under which the text of a value doesn't depend on the session. Edge.
//
// They are bytea_output hex, DateStyle ISO, extra_float_digits 1, IntervalStyle postgres, lc_monetary C,
// quote_all_identifiers off, search_path pg_catalog and TimeZone UTC.
#pragma once

namespace gatehouse::audit {

// Set at the first need, as a function's SET clause sets them: where something raises in between, the
// end of the transaction or subtransaction puts the session's own back, so leaving needs no handler.
struct NeutralSettings {
  int nest_level = 0;  // 0 is: not entered

  void enter();  // does nothing the second time
  void leave();  // does nothing where not entered
};

}  // namespace gatehouse::audit

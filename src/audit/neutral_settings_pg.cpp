#include "audit/neutral_settings_pg.h"

#include "boundary/server_pg.h"

namespace gatehouse::audit {

namespace {

void set(const char* name, const char* value) {
  (void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

bool is_set(const char* name, const char* value) { return strcmp(GetConfigOption(name, false, false), value) == 0; }

}  // namespace

// What already holds is left alone: most sessions differ in the search path alone, and each setting costs.
void NeutralSettings::enter() {
  if (nest_level != 0) return;
  nest_level = NewGUCNestLevel();
  if (bytea_output != BYTEA_OUTPUT_HEX) set("bytea_output", "hex");
  if (DateStyle != USE_ISO_DATES) set("datestyle", "ISO");
  if (extra_float_digits != 1) set("extra_float_digits", "1");
  if (IntervalStyle != INTSTYLE_POSTGRES) set("intervalstyle", "postgres");
  if (strcmp(locale_monetary, "C") != 0) set("lc_monetary", "C");
  if (quote_all_identifiers) set("quote_all_identifiers", "off");
  if (strcmp(namespace_search_path, "pg_catalog") != 0) set("search_path", "pg_catalog");
  if (!is_set("TimeZone", "UTC")) set("timezone", "UTC");
}

void NeutralSettings::leave() {
  if (nest_level == 0) return;
  AtEOXact_GUC(true, nest_level);
  nest_level = 0;
}

}  // namespace gatehouse::audit

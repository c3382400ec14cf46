// A flat jsonb object, written straight in its stored form. Edge.
//
// The form is the one that utils/jsonb.h documents: a count, one entry for each key and value (its length,
// every 32nd its end), the keys in their order (shorter first, then bytewise), the values in the same
// order. Going through pushJsonbValue gives the same bytes after a sort and two copies.
//
// All memory is the current context's; a value never outlives it.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::audit {

class JsonObject {
 public:
  void begin(int pairs);

  // First all keys, distinct and in order, then as many values.
  void add_key(std::string_view name);
  void add_null();
  void add_boolean(bool value);
  void add_string(std::string_view value);
  void add_numeric(Numeric value);  // NaN and the infinities become strings, as in to_jsonb
  void add_jsonb(Jsonb* value);     // any jsonb, a bare scalar too

  // kAuditRowTooLarge is raised as soon as the object passes what jsonb can hold, 256 MB.
  Jsonb* finish();

 private:
  void close_entry(std::uint32_t type, int from);
  int pad();

  StringInfoData body_;
  int entries_;
  std::uint32_t total_;
};

}  // namespace gatehouse::audit

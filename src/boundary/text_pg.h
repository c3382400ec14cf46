// Texts to and from SQL. Edge.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse {

inline std::string_view view_of(const text* value) {
  return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

inline std::span<const unsigned char> bytes_of(const bytea* value) {
  return {reinterpret_cast<const unsigned char*>(VARDATA_ANY(value)),
          static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

// A text of `size` bytes for the core to fill.
inline text* allocate_text(std::size_t size) {
  auto* result = static_cast<text*>(palloc(VARHDRSZ + size));
  SET_VARSIZE(result, VARHDRSZ + size);
  return result;
}

inline Datum text_datum(std::string_view value) {
  return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
}

inline Datum bytea_datum(std::span<const unsigned char> value) {
  return text_datum({reinterpret_cast<const char*>(value.data()), value.size()});
}

}  // namespace gatehouse

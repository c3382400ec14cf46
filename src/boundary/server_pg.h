// The only door to PostgreSQL's headers, and the one place where its majors differ. Edge.
//
// A file that includes this is named *_pg.cpp or *_pg.h. In it, locals own nothing: PostgreSQL may
// leave any frame by longjmp, which runs no destructor.
#pragma once

// Standard headers come first: PostgreSQL's macros must not reach them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

extern "C" {
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
#if PG_VERSION_NUM >= 170000
#include "common/unicode_category.h"
#else
#include <wctype.h>
#endif
}

// PostgreSQL redefines the printf family by macros, which no C++ header survives.
#undef printf
#undef fprintf
#undef snprintf
#undef sprintf
#undef vfprintf
#undef vprintf
#undef vsnprintf
#undef vsprintf
#undef strerror
#undef strerror_r
#undef gettext
#undef dgettext
#undef ngettext
#undef dngettext

#if PG_VERSION_NUM < 150000
#error "gatehouse needs PostgreSQL 15 or later"
#endif

namespace gatehouse::server {

// PostgreSQL 18 added the statistics of the scan as a parameter.
inline IndexScanDesc begin_index_scan(Relation table, Relation index, Snapshot snapshot, int keys) {
#if PG_VERSION_NUM >= 180000
  return index_beginscan(table, index, snapshot, nullptr, keys, 0);
#else
  return index_beginscan(table, index, snapshot, keys, 0);
#endif
}

// Whether Unicode has given the code point a meaning. The server knows from 17 on; before, the C
// library's C.UTF-8 tables answer, which is what `assigned_locale` is for.
#if PG_VERSION_NUM >= 170000
inline bool code_point_assigned(char32_t code_point) {
  return unicode_category(code_point) != PG_U_UNASSIGNED;
}
#else
inline bool code_point_assigned(char32_t code_point) {
  static locale_t assigned_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (assigned_locale == nullptr) return true;
  const auto wide = static_cast<wint_t>(code_point);
  return iswprint_l(wide, assigned_locale) != 0 || iswcntrl_l(wide, assigned_locale) != 0;
}
#endif

}  // namespace gatehouse::server

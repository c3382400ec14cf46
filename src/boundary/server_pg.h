// The only door to PostgreSQL's headers, and the one place where its majors differ. Edge.
//
// A file that includes this is named *_pg.cpp or *_pg.h. In it, locals own nothing: PostgreSQL may
// leave any frame by longjmp, which runs no destructor.
#pragma once

// Standard headers come first: PostgreSQL's macros must not reach them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

extern "C" {
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "common/jsonapi.h"
#include "common/shortest_dec.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_coerce.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "postmaster/bgworker.h"
#include "replication/message.h"
#include "replication/origin.h"
#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/smgr.h"
#include "utils/builtins.h"
#include "utils/bytea.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/inet.h"
#include "utils/inval.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
#include "utils/wait_event.h"
#include "utils/xid8.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
#if PG_VERSION_NUM >= 170000
#include "common/unicode_category.h"
#include "storage/dsm_registry.h"
#else
#include <wctype.h>
#endif

// Of utils/pg_locale.h, which needs the headers of ICU, which need not be there.
extern PGDLLIMPORT char* locale_monetary;
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

inline std::uint32_t file_number(Relation table) {
#if PG_VERSION_NUM >= 160000
  return table->rd_locator.relNumber;
#else
  return table->rd_node.relNode;
#endif
}

// Whether the table has the block; it is open under a lock. A table only grows while it is locked, and who truncated it
// before has made every process forget the size that it knew: what was seen since spares the question to the system.
inline bool has_block(Relation table, BlockNumber block) {
  const BlockNumber known = RelationGetSmgr(table)->smgr_cached_nblocks[MAIN_FORKNUM];
  return (known != InvalidBlockNumber && block < known) || block < RelationGetNumberOfBlocks(table);
}

// Pins the buffer where it still holds the block.
inline bool pin_recent_buffer(Relation table, BlockNumber block, Buffer buffer) {
#if PG_VERSION_NUM >= 160000
  return BufferIsValid(buffer) && ReadRecentBuffer(table->rd_locator, MAIN_FORKNUM, block, buffer);
#else
  return BufferIsValid(buffer) && ReadRecentBuffer(table->rd_node, MAIN_FORKNUM, block, buffer);
#endif
}

// Starts to bring into the processor's cache what a look at the row will touch: the buffer's state, the head of its page,
// the item and the row. What is there now is not read, so it need not be true. Always inline: gcc takes a function that
// only prefetches for one without effect, and drops its call.
[[gnu::always_inline]] inline void prefetch_row(Buffer buffer, OffsetNumber item, std::uint16_t offset) {
  if (buffer < 1 || buffer > NBuffers) return;
  const char* page = static_cast<const char*>(BufferGetBlock(buffer));
  __builtin_prefetch(GetBufferDescriptor(buffer - 1), 1);
  __builtin_prefetch(page);
  __builtin_prefetch(page + SizeOfPageHeaderData + (item - 1) * sizeof(ItemIdData));
  for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(page + offset + line * PG_CACHE_LINE_SIZE / 2);
}

// From 17 on an access method may keep things, a pinned buffer too, from one row to the next.
inline void finish_index_insert([[maybe_unused]] Relation index, [[maybe_unused]] IndexInfo* info) {
#if PG_VERSION_NUM >= 170000
  index_insert_cleanup(index, info);
#endif
}

// A segment of shared memory that whoever needs it first makes; nullptr before PostgreSQL 17, which brought them.
inline void* named_segment([[maybe_unused]] const char* name, [[maybe_unused]] std::size_t size,
                           [[maybe_unused]] void (*initialize)(void*)) {
#if PG_VERSION_NUM >= 170000
  bool found;
  return GetNamedDSMSegment(name, size, initialize, &found);
#else
  return nullptr;
#endif
}

// What pg_stat_activity says of a wait: from PostgreSQL 17 on by name, before that as "Extension".
inline std::uint32_t wait_event([[maybe_unused]] const char* name) {
#if PG_VERSION_NUM >= 170000
  return WaitEventExtensionNew(name);
#else
  return PG_WAIT_EXTENSION;
#endif
}

// PostgreSQL 18 has generated columns that are computed when read and never stored.
inline bool is_virtual([[maybe_unused]] Form_pg_attribute attribute) {
#if PG_VERSION_NUM >= 180000
  return attribute->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL;
#else
  return false;
#endif
}

// The server's macros for this count a volatile variable up and down, which C++20 warns of.
inline void hold_interrupts() { InterruptHoldoffCount = InterruptHoldoffCount + 1; }
inline void resume_interrupts() { InterruptHoldoffCount = InterruptHoldoffCount - 1; }

// What a setting's check hook keeps beside the value: PostgreSQL frees it, before 16 by free(). nullptr where there is no memory.
inline void* allocate_setting_extra(std::size_t size) {
#if PG_VERSION_NUM >= 160000
  return guc_malloc(LOG, size);
#else
  return malloc(size);
#endif
}

// The server's parser of JSON, which gives what is amiss where others raise. From 16 on its callbacks may end it.
#if PG_VERSION_NUM >= 160000
using JsonCallbackResult = JsonParseErrorType;
inline JsonCallbackResult json_goes_on() { return JSON_SUCCESS; }
#else
using JsonCallbackResult = void;
inline JsonCallbackResult json_goes_on() {}
#endif
inline JsonLexContext* json_lexer(std::string_view json) {
#if PG_VERSION_NUM >= 170000
  return makeJsonLexContextCstringLen(nullptr, json.data(), json.size(), PG_UTF8, true);
#else
  return makeJsonLexContextCstringLen(const_cast<char*>(json.data()), static_cast<int>(json.size()), PG_UTF8, true);
#endif
}

// From 16 on a setting can be one that nobody can RESET; before, a superuser can.
#if PG_VERSION_NUM >= 160000
inline constexpr int kNoReset = GUC_NO_RESET;
#else
inline constexpr int kNoReset = 0;
#endif

// A message in the WAL whose transaction's end standbys see, and which no decoding shows where this process has no database.
// PostgreSQL 17 added whether it is flushed at once.
inline void write_transactional_message(const char* prefix) {
#if PG_VERSION_NUM >= 170000
  LogLogicalMessage(prefix, "", 0, true, false);
#else
  LogLogicalMessage(prefix, "", 0, true);
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

#include "crypto/password_text_pg.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "boundary/secret_memory_pg.h"
#include "crypto/password_hash.h"
#include "statement_text/concern_pg.h"

extern "C" {
#include "access/detoast.h"
#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"
}

namespace gatehouse::crypto {

namespace {

constexpr Size kScratchBytes = 64 * 1024;
constexpr std::size_t kMaxUtf8Bytes = 4;

// unicode_normalize() leaves its working arrays behind, freed but not wiped. It works in a context of one
// block, which is more than it can need: at most 1024 bytes of UTF-8 decompose to less than 2048 code points, so none
// of its three arrays passes 8 kB. Afterwards the whole block is handed out anew in the smallest
// chunks and overwritten. Nothing in between can raise: the block is there already.
MemoryContext create_scratch() {
  return AllocSetContextCreate(CurrentMemoryContext, "gatehouse password", kScratchBytes, kScratchBytes, kScratchBytes);
}

void wipe_and_delete(MemoryContext scratch) {
  MemoryContextReset(scratch);
  const Size one_block = MemoryContextMemAllocated(scratch, false);
  while (MemoryContextMemAllocated(scratch, false) == one_block) {
    void* chunk = MemoryContextAlloc(scratch, sizeof(std::uint64_t));
    sodium_memzero(chunk, sizeof(std::uint64_t));
  }
  MemoryContextDelete(scratch);
}

bool is_ascii(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

struct CodePoints {
  pg_wchar* values;  // ends with 0
  std::size_t count;
};

CodePoints decode(std::string_view value) {
  const std::span<char> memory = allocate_secret((value.size() + 1) * sizeof(pg_wchar));
  auto* values = reinterpret_cast<pg_wchar*>(memory.data());
  const int count = pg_mb2wchar_with_len(value.data(), values, static_cast<int>(value.size()));
  return {values, static_cast<std::size_t>(count)};
}

Password encode(const pg_wchar* values) {
  std::size_t count = 0;
  while (values[count] != 0) ++count;
  const std::span<char> memory = allocate_secret(count * kMaxUtf8Bytes);
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto* at = reinterpret_cast<unsigned char*>(memory.data() + size);
    unicode_to_utf8(values[i], at);
    size += static_cast<std::size_t>(pg_utf_mblen(at));
  }
  return {{memory.data(), size}, static_cast<std::int64_t>(count)};
}

Password normalize(const pg_wchar* values) {
  MemoryContext scratch = create_scratch();
  const MemoryContext caller = MemoryContextSwitchTo(scratch);
  const pg_wchar* composed = unicode_normalize(UNICODE_NFC, values);
  MemoryContextSwitchTo(caller);
  const Password password = encode(composed);
  wipe_and_delete(scratch);
  return password;
}

// The argument's bytes; a copy, where the argument is stored compressed or apart, is wiped.
std::string_view take_bytes(Datum argument, std::size_t size) {
  const auto* stored = reinterpret_cast<varlena*>(DatumGetPointer(argument));
  if (!VARATT_IS_EXTENDED(stored) || VARATT_IS_SHORT(stored)) return {VARDATA_ANY(stored), size};
  const std::span<char> memory = allocate_secret(size);
  varlena* copy = detoast_attr(const_cast<varlena*>(stored));
  std::memcpy(memory.data(), VARDATA_ANY(copy), size);
  wipe({VARDATA_ANY(copy), size});
  pfree(copy);
  return {memory.data(), size};
}

}  // namespace

Result<Password> take_password(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return Refusal{Fault::kNullArgument, 0, "password"};
  statement_text::note_secret();
  const Datum datum = PG_GETARG_DATUM(argument);
  const std::size_t size = toast_raw_datum_size(datum) - VARHDRSZ;
  if (size == 0) return Refusal{Fault::kPasswordEmpty};
  if (size > kMaxPasswordBytes) return Refusal{Fault::kPasswordTooLong, kMaxPasswordBytes};

  const std::string_view given = take_bytes(datum, size);
  if (is_ascii(given)) return Password{given, static_cast<std::int64_t>(given.size())};

  const CodePoints points = decode(given);
  for (std::size_t i = 0; i < points.count; ++i) {
    if (!server::code_point_assigned(points.values[i])) return Refusal{Fault::kPasswordUnassigned};
  }
  if (unicode_is_normalized_quickcheck(UNICODE_NFC, points.values) == UNICODE_NORM_QC_YES) {
    return Password{given, static_cast<std::int64_t>(points.count)};
  }
  const Password password = normalize(points.values);
  if (password.text.size() > kMaxPasswordBytes) return Refusal{Fault::kPasswordTooLong, kMaxPasswordBytes};
  return password;
}

}  // namespace gatehouse::crypto

// What the tests of the boundary call by SQL. Edge.
#include <algorithm>

#include "boundary/error_table.h"
#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/secret_memory_pg.h"
#include "boundary/server_pg.h"
#include "boundary/text_pg.h"
#include "memory_scan.h"
#include "throwing.h"

extern "C" {
PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(boundary_test_throw);
PG_FUNCTION_INFO_V1(boundary_test_raise);
PG_FUNCTION_INFO_V1(boundary_test_faults);
PG_FUNCTION_INFO_V1(boundary_test_leak_malloc);
PG_FUNCTION_INFO_V1(boundary_test_leak_palloc);
PG_FUNCTION_INFO_V1(boundary_test_hold_secret);
PG_FUNCTION_INFO_V1(boundary_test_scan_memory);
PG_FUNCTION_INFO_V1(boundary_test_resident);
}

using gatehouse::Fault;
using gatehouse::run_core;
using gatehouse::value_or_raise;

// boundary_throw(what integer) → integer
extern "C" Datum boundary_test_throw(PG_FUNCTION_ARGS) {
  const auto what = static_cast<boundary_test::Thrown>(PG_GETARG_INT32(0));
  PG_RETURN_INT32(value_or_raise(run_core([&] { return boundary_test::throw_from_the_core(what); })));
}

// boundary_raise(fault integer) → void
extern "C" Datum boundary_test_raise(PG_FUNCTION_ARGS) {
  gatehouse::raise({static_cast<Fault>(PG_GETARG_INT32(0)), 7, "subject"});
}

// boundary_fault(fault integer, OUT sqlstate text, OUT message text, OUT hint text): all NULL beyond the last
extern "C" Datum boundary_test_faults(PG_FUNCTION_ARGS) {
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) gatehouse::raise({Fault::kInternal});
  const int number = PG_GETARG_INT32(0);
  if (number < 1 || number >= static_cast<int>(gatehouse::kFaultCount)) PG_RETURN_NULL();
  const auto fault = static_cast<Fault>(number);
  const gatehouse::ErrorEntry& entry = gatehouse::error_entry(fault);
  std::array<char, 256> message;
  gatehouse::format_message({fault, 7, "subject"}, message);
  Datum values[3] = {CStringGetTextDatum(entry.sqlstate), CStringGetTextDatum(message.data()), 0};
  bool nulls[3] = {false, false, entry.hint == nullptr};
  if (entry.hint != nullptr) values[2] = CStringGetTextDatum(entry.hint);
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(row, values, nulls)));
}

// boundary_leak_malloc(bytes integer) → void: the fault that the memory test must notice
extern "C" Datum boundary_test_leak_malloc(PG_FUNCTION_ARGS) {
  boundary_test::leak(static_cast<std::size_t>(PG_GETARG_INT32(0)));
  gatehouse::raise({Fault::kInternal});
}

// boundary_leak_palloc(bytes integer) → void: the same in PostgreSQL's memory
extern "C" Datum boundary_test_leak_palloc(PG_FUNCTION_ARGS) {
  MemoryContextAlloc(TopMemoryContext, static_cast<Size>(PG_GETARG_INT32(0)));
  gatehouse::raise({Fault::kInternal});
}

// boundary_hold_secret(masked bytea, mask integer, guarded boolean, fail boolean) → bigint: writes the secret into memory
// that wipes itself, or into plain memory that lives as long; gives how often it is then found, or fails while it is held
extern "C" Datum boundary_test_hold_secret(PG_FUNCTION_ARGS) {
  const std::span<const unsigned char> masked = gatehouse::bytes_of(PG_GETARG_BYTEA_PP(0));
  const auto mask = static_cast<unsigned char>(PG_GETARG_INT32(1));
  // More than a context keeps for the next use, and less than malloc gives back to the system at once.
  constexpr std::size_t kSize = 20000;
  char* const held = PG_GETARG_BOOL(2) ? gatehouse::allocate_secret(kSize).data() : static_cast<char*>(palloc(kSize));
  std::transform(masked.begin(), masked.end(), held + kSize / 2,
                 [mask](unsigned char byte) { return static_cast<char>(byte ^ mask); });
  if (PG_GETARG_BOOL(3)) gatehouse::raise({Fault::kInternal});
  PG_RETURN_INT64(boundary_test::scan_memory(masked, mask));
}

// scan_memory(masked bytea, mask integer) → bigint
extern "C" Datum boundary_test_scan_memory(PG_FUNCTION_ARGS) {
  const std::span<const unsigned char> masked = gatehouse::bytes_of(PG_GETARG_BYTEA_PP(0));
  if (masked.size() < 4) gatehouse::raise({Fault::kInternal});
  PG_RETURN_INT64(boundary_test::scan_memory(masked, static_cast<unsigned char>(PG_GETARG_INT32(1))));
}

// boundary_resident() → bigint
extern "C" Datum boundary_test_resident(PG_FUNCTION_ARGS) {
  PG_RETURN_INT64(boundary_test::resident_anonymous_bytes());
}

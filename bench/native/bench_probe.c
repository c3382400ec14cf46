// The least that finding a row by its key can cost: open the table and its index, fetch by the key, give the row's first
// column, a uuid. Nothing is cached between the calls but what PostgreSQL caches.
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "fmgr.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

PG_MODULE_MAGIC;

static Datum probe(FunctionCallInfo fcinfo, RegProcedure equal) {
  const Relation table = table_open(PG_GETARG_OID(1), AccessShareLock);
  const Relation index = index_open(PG_GETARG_OID(2), AccessShareLock);
  TupleTableSlot* const slot = table_slot_create(table, NULL);
#if PG_VERSION_NUM >= 180000
  const IndexScanDesc scan = index_beginscan(table, index, GetActiveSnapshot(), NULL, 1, 0);
#else
  const IndexScanDesc scan = index_beginscan(table, index, GetActiveSnapshot(), 1, 0);
#endif
  pg_uuid_t* found = NULL;
  ScanKeyData key;

  ScanKeyInit(&key, 1, BTEqualStrategyNumber, equal, PG_GETARG_DATUM(0));
  index_rescan(scan, &key, 1, NULL, 0);
  if (index_getnext_slot(scan, ForwardScanDirection, slot)) {
    bool is_null;
    const Datum value = slot_getattr(slot, 1, &is_null);
    if (!is_null) {
      found = palloc(sizeof *found);
      memcpy(found, DatumGetUUIDP(value), sizeof *found);
    }
  }
  index_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  index_close(index, AccessShareLock);
  table_close(table, AccessShareLock);
  if (found == NULL) PG_RETURN_NULL();
  PG_RETURN_UUID_P(found);
}

// probe(id bigint, searched regclass, by_index regclass) → uuid
PG_FUNCTION_INFO_V1(bench_probe_bigint);
Datum bench_probe_bigint(PG_FUNCTION_ARGS) { return probe(fcinfo, F_INT8EQ); }

// probe(id uuid, searched regclass, by_index regclass) → uuid
PG_FUNCTION_INFO_V1(bench_probe_uuid);
Datum bench_probe_uuid(PG_FUNCTION_ARGS) { return probe(fcinfo, F_UUID_EQ); }

#include "api_keys/key_table_pg.h"

#include "api_keys/row_hints.h"
#include "boundary/raise_pg.h"

extern "C" {
#include "catalog/namespace.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace gatehouse::api_keys {

namespace {

struct Relations {
  Oid table;
  Oid index;
};
Relations known;
bool known_is_current = false;
bool changed_meanwhile = false;
bool watching = false;

// A change of any relation's name or schema, DROP EXTENSION among them, costs one look-up.
void forget_relations(Datum, int, uint32) {
  known_is_current = false;
  changed_meanwhile = true;
}

Oid relation_oid(Oid schema, const char* name) {
  const Oid relation = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
  if (!OidIsValid(relation)) raise({Fault::kObjectMissing, 0, "table of API keys"});
  return relation;
}

const Relations& relations() {
  if (!watching) {
    CacheRegisterSyscacheCallback(RELNAMENSP, forget_relations, 0);
    CacheRegisterSyscacheCallback(NAMESPACEOID, forget_relations, 0);
    watching = true;
  }
  // A change may be noticed in the middle of the look-up.
  while (!known_is_current) {
    changed_meanwhile = false;
    const Oid schema = get_namespace_oid("gatehouse", true);
    known = {relation_oid(schema, "api_keys"), relation_oid(schema, "api_keys_lookup_id_key")};
    known_is_current = !changed_meanwhile;
  }
  return known;
}

RowHints hints;

ItemPointerData pointer_to(RowAddress address) {
  ItemPointerData result;
  ItemPointerSet(&result, address.block, address.offset);
  return result;
}

bool is_row_of(const KeyProbe& probe, std::int64_t lookup_id) {
  bool is_null;
  return probe.found && DatumGetInt64(probe.column(kLookupId, &is_null)) == lookup_id;
}

}  // namespace

KeyProbe probe(std::int64_t lookup_id) {
  const Relations oids = relations();
  KeyProbe result = open_probe(oids.table);
  const std::uint32_t file = server::file_number(result.table);
  if (const RowAddress hinted = hints.find(file, lookup_id); hinted.offset != 0) {
    probe_at(result, pointer_to(hinted));
    // An address that was given up may be another key's by now.
    if (is_row_of(result, lookup_id)) return result;
  }
  const ItemPointerData root =
      probe_by_index(result, {.index = oids.index, .equals = F_INT8EQ, .value = Int64GetDatum(lookup_id)});
  if (result.found)
    hints.remember(file, lookup_id, {ItemPointerGetBlockNumber(&root), ItemPointerGetOffsetNumber(&root)});
  return result;
}

}  // namespace gatehouse::api_keys

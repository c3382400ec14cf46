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
std::uint32_t file = 0;  // of the table, when it was last opened

RowPlace place_of(const RowHint& hint) {
  RowPlace result{.root = {}, .buffer = hint.buffer, .offset = hint.offset};
  ItemPointerSet(&result.root, hint.block, hint.item);
  return result;
}

RowHint hint_of(const RowPlace& place) {
  return {.block = ItemPointerGetBlockNumber(&place.root),
          .item = ItemPointerGetOffsetNumber(&place.root),
          .offset = place.offset,
          .buffer = place.buffer};
}

// Whether the row is where it was expected. An address that was given up may be another key's by now.
bool found_at(KeyProbe& probe, std::int64_t lookup_id, const RowHint& hint) {
  const RowHint now = hint_of(probe_at(probe, place_of(hint)));
  bool is_null;
  if (!probe.found || DatumGetInt64(probe.column(kLookupId, &is_null)) != lookup_id) return false;
  if (now != hint) hints.remember(file, lookup_id, now);
  return true;
}

}  // namespace

void expect(std::int64_t lookup_id) noexcept { hints.prefetch(file, lookup_id); }

void foresee(std::int64_t lookup_id) noexcept {
  const RowHint hint = hints.find(file, lookup_id);
  if (hint.item != 0) server::prefetch_row(hint.buffer, hint.item, hint.offset);
}

KeyProbe probe(std::int64_t lookup_id) {
  KeyProbe result = open_probe(locked_table([] { return relations().table; }));
  file = server::file_number(result.table);
  const RowHint hint = hints.find(file, lookup_id);
  if (hint.item != 0 && found_at(result, lookup_id, hint)) return result;
  // Asked for only now: what has become of the index is noticed when the table is locked.
  const RowPlace place = probe_by_index(result, {.index = locked_index([] { return relations().index; }),
                                                 .equals = F_INT8EQ,
                                                 .value = Int64GetDatum(lookup_id)});
  if (result.found) hints.remember(file, lookup_id, hint_of(place));
  return result;
}

}  // namespace gatehouse::api_keys

#include "audit/row_states_pg.h"

#include <algorithm>

#include "boundary/raise_pg.h"

namespace gatehouse::audit {

namespace {

std::uint64_t hash_of(Jsonb* key) {
  return DatumGetUInt64(DirectFunctionCall2(jsonb_hash_extended, JsonbPGetDatum(key), Int64GetDatum(0)));
}

bool same(Jsonb* a, Jsonb* b) { return compareJsonbContainers(&a->root, &b->root) == 0; }

JsonbValue* member(Jsonb* object, const char* name) {
  return getKeyJsonValueFromContainer(&object->root, name, static_cast<int>(strlen(name)), nullptr);
}

void push_text(JsonbParseState** state, JsonbIteratorToken token, const char* name) {
  JsonbValue key;
  key.type = jbvString;
  key.val.string.val = const_cast<char*>(name);
  key.val.string.len = static_cast<int>(strlen(name));
  (void)pushJsonbValue(state, token, &key);
}

// A bare scalar is stored within an array of its own.
void push_root(JsonbParseState** state, Jsonb* root) {
  JsonbValue value;
  if (!JB_ROOT_IS_SCALAR(root) || !JsonbExtractScalar(&root->root, &value)) {
    value.type = jbvBinary;
    value.val.binary.data = &root->root;
    value.val.binary.len = static_cast<int>(VARSIZE(root) - VARHDRSZ);
  }
  (void)pushJsonbValue(state, WJB_VALUE, &value);
}

// What an object has in these columns, as far as it has them.
Jsonb* members(const Shape& shape, const bool* wanted, Jsonb* object) {
  JsonbParseState* state = nullptr;
  (void)pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    JsonbValue* value = wanted[i] ? member(object, shape.columns[i].name) : nullptr;
    if (value == nullptr) continue;
    push_text(&state, WJB_KEY, shape.columns[i].name);
    (void)pushJsonbValue(&state, WJB_VALUE, value);
  }
  return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

}  // namespace

const ShapeColumn* Shape::find(std::int32_t id) const {
  for (const ShapeColumn& column : columns) {
    if (column.id == id) return &column;
  }
  return nullptr;
}

bool Shape::has_key() const {
  return std::any_of(columns.begin(), columns.end(), [](const ShapeColumn& column) { return column.in_key; });
}

Jsonb* key_of(const Shape& shape, Jsonb* values) {
  if (!shape.has_key()) return values;
  JsonbParseState* state = nullptr;
  (void)pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
  for (const ShapeColumn& column : shape.columns) {
    if (!column.in_key) continue;
    JsonbValue* value = member(values, column.name);
    if (value == nullptr) return nullptr;
    push_text(&state, WJB_KEY, column.name);
    (void)pushJsonbValue(&state, WJB_VALUE, value);
  }
  return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

Jsonb* merge(Jsonb* into, Jsonb* from) {
  return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(into), JsonbPGetDatum(from)));
}

void RowStates::begin() {
  HASHCTL control = {};
  control.keysize = sizeof(std::uint64_t);
  control.entrysize = sizeof(Bucket);
  control.hcxt = CurrentMemoryContext;
  table_ = hash_create("gatehouse rows of the past", 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
  gaps_ = NIL;
}

void RowStates::note_gaps(const bool* known, std::size_t columns) {
  ListCell* cell;
  foreach (cell, gaps_) {
    if (memcmp(lfirst(cell), known, columns) == 0) return;
  }
  auto* kept = static_cast<bool*>(palloc(columns));
  memcpy(kept, known, columns);
  gaps_ = lappend(gaps_, kept);
}

RowState* RowStates::find_like(const Shape& shape, Jsonb* key) {
  RowState* row = find(key);
  ListCell* cell;
  foreach (cell, gaps_) {
    if (row != nullptr) break;
    row = find(members(shape, static_cast<const bool*>(lfirst(cell)), key));
  }
  return row;
}

RowState* RowStates::find(Jsonb* key) {
  const std::uint64_t hash = hash_of(key);
  const auto* bucket = static_cast<Bucket*>(hash_search(table_, &hash, HASH_FIND, nullptr));
  for (RowState* row = bucket != nullptr ? bucket->first : nullptr; row != nullptr; row = row->next) {
    if (same(row->key, key)) return row;
  }
  return nullptr;
}

void RowStates::add(RowState* row) {
  const std::uint64_t hash = hash_of(row->key);
  bool found;
  auto* bucket = static_cast<Bucket*>(hash_search(table_, &hash, HASH_ENTER, &found));
  row->next = nullptr;
  if (found && bucket->first != nullptr) {
    bucket->last->next = row;
  } else {
    bucket->first = row;
  }
  bucket->last = row;
}

void RowStates::remove(RowState* row) {
  const std::uint64_t hash = hash_of(row->key);
  auto* bucket = static_cast<Bucket*>(hash_search(table_, &hash, HASH_FIND, nullptr));
  if (bucket == nullptr) raise({Fault::kInternal});
  RowState* before = nullptr;
  for (RowState* other = bucket->first; other != row; other = other->next) before = other;
  (before == nullptr ? bucket->first : before->next) = row->next;
  if (bucket->last == row) bucket->last = before;
}

void RowStates::remove_partition(std::int32_t partition) {
  visit([&](RowState* row) {
    if (row->partition == partition) remove(row);
  });
}

void RowStates::reshape(const Shape& from, const Shape& to) {
  const bool forward = from.since.id < to.since.id;
  RowStates before = *this;
  begin();
  if ((forward ? to : from).restates) return;
  auto* known = static_cast<bool*>(palloc(to.columns.size() + 1));
  before.visit([&](RowState* row) {
    std::fill_n(known, to.columns.size(), false);
    JsonbParseState* state = nullptr;
    (void)pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    for (const ShapeColumn& column : to.columns) {
      const ShapeColumn* was = from.find(column.id);
      if (was != nullptr && was->redacted != column.redacted) continue;
      JsonbValue* value = was != nullptr ? member(row->values, was->name) : nullptr;
      const bool shows_missing = forward && was == nullptr && column.missing != nullptr;
      if (value == nullptr && !shows_missing) {
        row->complete = false;
        continue;
      }
      known[&column - to.columns.data()] = true;
      push_text(&state, WJB_KEY, column.name);
      if (shows_missing) {
        push_root(&state, column.missing);
      } else {
        (void)pushJsonbValue(&state, WJB_VALUE, value);
      }
    }
    row->values = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
    Jsonb* key = key_of(to, row->values);
    // Of whom not even the key is known nothing more can be found out.
    if (key == nullptr) return;
    row->key = key;
    if (!to.has_key() && JB_ROOT_COUNT(key) < to.columns.size()) {
      row->complete = false;
      note_gaps(known, to.columns.size());
    }
    add(row);
  });
}

}  // namespace gatehouse::audit

// Rows of a table as the log tells of them at one place in its history, each found by its key. Edge.
//
// All lies in the context that is current when the set is made. A row's state is a jsonb object of the columns that are known of it.
#pragma once

#include "boundary/server_pg.h"

namespace gatehouse::audit {

struct ShapeColumn {
  std::int32_t id;  // of the column, through renaming
  const char* name;
  Jsonb* missing;  // what rows that were there before the column show in it; nullptr where that is not known
  bool in_key;
  bool redacted;
};

// A place in the log.
struct Mark {
  std::int64_t id;  // of no row change; those before it have a smaller one
  TimestampTz recorded_at;
};

// The columns of a table from one change of its definition to the next.
struct Shape {
  Mark since;
  bool restates;             // all rows follow in the log, as they are since then
  std::span<ShapeColumn> columns;

  const ShapeColumn* find(std::int32_t id) const;
  // Without one a row is known by all its columns.
  bool has_key() const;
};

struct RowState {
  Jsonb* key;
  Jsonb* values;
  std::int32_t partition;  // its stable id; 0 where the table has none, or it is not known
  bool complete;           // all columns are known
  RowState* next;          // of the same hash
};

class RowStates {
 public:
  void begin();

  // Of several the one that has had the key longest: where rows swap their keys in one statement, it is that which leaves it next.
  RowState* find(Jsonb* key);
  // Where the shape has no key, also one of which less is known, if what is known is in `key`.
  RowState* find_like(const Shape& shape, Jsonb* key);
  void add(RowState* row);
  void remove(RowState* row);
  void remove_partition(std::int32_t partition);
  // Renames, forgets and adds columns; what a column that is new shows is known forward in time only. What is redacted in one of the
  // shapes alone is left out, and a row with a key as complete without it. Of rows that are restated
  // nothing is kept.
  void reshape(const Shape& from, const Shape& to);
  // Calls visit(row) for each; `visit` may take the row out of the set.
  template <class Visit>
  void visit(Visit visit) {
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, table_);
    while (auto* bucket = static_cast<Bucket*>(hash_seq_search(&scan))) {
      RowState* next = nullptr;
      for (RowState* row = bucket->first; row != nullptr; row = next) {
        next = row->next;
        visit(row);
      }
    }
  }

 private:
  struct Bucket {
    std::uint64_t hash;
    RowState* first;
    RowState* last;
  };

  void note_gaps(const bool* known, std::size_t columns);

  HTAB* table_;
  List* gaps_;  // of rows without a key: which columns are known, bool[], one of each kind
};

// The key in a row's values, all of them where the shape has none; nullptr where one of its columns is not known.
Jsonb* key_of(const Shape& shape, Jsonb* values);
// Members of the second take the place of those of the first.
Jsonb* merge(Jsonb* into, Jsonb* from);

}  // namespace gatehouse::audit

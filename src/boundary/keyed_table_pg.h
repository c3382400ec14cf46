// A table of fixed size in shared memory, with a lock for each of its partitions. Edge.
//
// The header is followed by the entries, partition by partition. Nothing may raise while a partition is locked.
#pragma once

#include <sodium.h>

#include "boundary/keyed_table.h"
#include "boundary/server_pg.h"

namespace gatehouse {

template <class Entry>
class KeyedTable {
 public:
  static std::size_t size(int entries) {
    return kEntriesOffset + sets_for(static_cast<std::size_t>(entries)) * kSetSize * kTablePartitions * sizeof(Entry);
  }

  // In memory that is all zero.
  void initialize(int entries, int lock_tranche) {
    randombytes_buf(hash_key_.data(), hash_key_.size());
    sets_ = sets_for(static_cast<std::size_t>(entries));
    for (LWLockPadded& padded : locks_) LWLockInitialize(&padded.lock, lock_tranche);
  }

  int capacity() const { return static_cast<int>(sets_ * kSetSize * kTablePartitions); }

  // The set of a subject of this database, under its lock until `leave`.
  struct LockedSet {
    LWLock* lock;
    TableKey key;
    Entry* entries;

    TableSet<Entry> set() const { return TableSet<Entry>{entries, kSetSize}; }
    Entry* find() const { return find_entry(set(), key); }
    void leave() const { LWLockRelease(lock); }
  };

  LockedSet lock_set(const TableSubject& subject, LWLockMode mode = LW_EXCLUSIVE) {
    const TableKey key = {MyDatabaseId, subject};
    const std::uint64_t hash = hash_of(key, hash_key_);
    const std::size_t partition = partition_of(hash);
    LWLock* lock = &locks_[partition].lock;
    LWLockAcquire(lock, mode);
    return {lock, key, entries(partition).data() + set_of(hash, sets_) * kSetSize};
  }

  // Every entry that is used, a partition after the other.
  template <class Visit>
  void visit_all(LWLockMode mode, Visit visit) {
    for (std::size_t partition = 0; partition < kTablePartitions; ++partition) {
      LWLockAcquire(&locks_[partition].lock, mode);
      for (Entry& entry : entries(partition)) {
        if (entry.used) visit(entry);
      }
      LWLockRelease(&locks_[partition].lock);
    }
  }

 private:
  std::span<Entry> entries(std::size_t partition) {
    auto* first = reinterpret_cast<Entry*>(reinterpret_cast<char*>(this) + kEntriesOffset);
    const std::size_t count = sets_ * kSetSize;
    return {first + partition * count, count};
  }

  static const std::size_t kEntriesOffset;

  HashKey hash_key_;
  std::size_t sets_;  // of a partition
  std::array<LWLockPadded, kTablePartitions> locks_;
};

template <class Entry>
const std::size_t KeyedTable<Entry>::kEntriesOffset = MAXALIGN(sizeof(KeyedTable<Entry>));

}  // namespace gatehouse

#include "crypto/key_ring_pg.h"

#include <sys/stat.h>

#include <cstring>

#include "boundary/raise_pg.h"
#include "boundary/run_core.h"
#include "boundary/settings_pg.h"

extern "C" {
#include "access/xact.h"
#include "utils/timestamp.h"
}

namespace gatehouse::crypto {

namespace {

struct FileState {
  dev_t device;
  ino_t inode;
  off_t size;
  timespec modified;
  timespec changed;

  bool operator==(const FileState& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
           changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
  }
};

KeyRing* ring = nullptr;
char ring_path[MAXPGPATH];
FileState ring_state;
TimestampTz looked_at = 0;

void forget_ring() {
  free_key_ring(ring);
  ring = nullptr;
}

// The ring is forgotten before anything can be refused: a broken file closes, it doesn't leave the old ring in force.
Result<Done> load_ring(const char* path, const FileState& state) {
  forget_ring();
  KeyRing* fresh = allocate_key_ring();
  if (fresh == nullptr) return Fault::kOutOfMemory;
  const Result<Done> read = run_core([&] { return read_key_ring(path, *fresh); });
  if (!read.ok()) {
    free_key_ring(fresh);
    return read.refusal;
  }
  ring = fresh;
  ring_state = state;
  strlcpy(ring_path, path, sizeof ring_path);
  return Done{};
}

Result<FileState> state_of(const char* path) {
  struct stat found;
  if (stat(path, &found) != 0) {
    forget_ring();
    return Fault::kKeyRingUnreadable;
  }
  return FileState{found.st_dev, found.st_ino, found.st_size, found.st_mtim, found.st_ctim};
}

}  // namespace

Result<const KeyRing*> find_key_ring() {
  const char* path = settings::key_file();
  if (path[0] == '\0') {
    forget_ring();
    return nullptr;
  }
  const bool same_path = ring != nullptr && strcmp(path, ring_path) == 0;
  const TimestampTz now = GetCurrentStatementStartTimestamp();
  if (same_path && now >= looked_at && now - looked_at < USECS_PER_SEC) return ring;

  const Result<FileState> state = state_of(path);
  if (!state.ok()) return state.refusal;
  if (!same_path || !(state.value == ring_state)) {
    const Result<Done> loaded = load_ring(path, state.value);
    if (!loaded.ok()) return loaded.refusal;
  }
  looked_at = now;
  return ring;
}

const KeyRing* configured_key_ring() { return value_or_raise(find_key_ring()); }

RingKey current_ring_key() {
  const KeyRing* configured = configured_key_ring();
  if (configured == nullptr) return {nullptr, 0};
  return {&configured->current(), configured->current().id};
}

StoredRingKey stored_ring_key(std::int32_t id) {
  if (id == 0) return {true, nullptr};
  const KeyRing* configured = configured_key_ring();
  const KeyRing::Key* key = configured == nullptr ? nullptr : configured->find(static_cast<std::uint16_t>(id));
  return {key != nullptr, key};
}

}  // namespace gatehouse::crypto

#include "boundary/shared_memory_pg.h"

#include "accounts/throttle_pg.h"
#include "api_keys/key_uses_pg.h"
#include "audit/event_queue_pg.h"
#include "boundary/settings_pg.h"
#include "boundary/version.h"
#include "crypto/hash_times_pg.h"
#include "crypto/password_gate_pg.h"
#include "operation/worker_pg.h"
#include "sessions/reused_sessions_pg.h"

namespace gatehouse::shared {

namespace {

struct PartForm {
  std::size_t (*size)(const Sizes&);
  void (*initialize)(void* at, const Sizes&, int lock_tranche);
};

// In the order of Part.
constexpr std::array<PartForm, kPartCount> kParts = {{
    {audit::event_queue_size, audit::initialize_event_queue},
    {crypto::hash_times_size, crypto::initialize_hash_times},
    {api_keys::key_uses_size, api_keys::initialize_key_uses},
    {crypto::password_gate_size, crypto::initialize_password_gate},
    {sessions::reused_sessions_size, sessions::initialize_reused_sessions},
    {accounts::throttle_size, accounts::initialize_throttle},
    {operation::worker_size, operation::initialize_worker},
}};

struct Block {
  int lock_tranche;
  std::array<std::size_t, kPartCount> offsets;
};

Block* block;
Place where = Place::kNone;
shmem_request_hook_type next_request_hook;
shmem_startup_hook_type next_startup_hook;

std::size_t block_size(const Sizes& sizes) {
  std::size_t size = CACHELINEALIGN(sizeof(Block));
  for (const PartForm& part : kParts) size += CACHELINEALIGN(part.size(sizes));
  return size;
}

void initialize(Block* fresh, const Sizes& sizes) {
  fresh->lock_tranche = LWLockNewTrancheId();
  std::size_t offset = CACHELINEALIGN(sizeof(Block));
  for (std::size_t i = 0; i < kPartCount; ++i) {
    fresh->offsets[i] = offset;
    kParts[i].initialize(reinterpret_cast<char*>(fresh) + offset, sizes, fresh->lock_tranche);
    offset += CACHELINEALIGN(kParts[i].size(sizes));
  }
}

void use(Block* found, Place found_in) {
  LWLockRegisterTranche(found->lock_tranche, "gatehouse");
  block = found;
  where = found_in;
}

void request_space() {
  if (next_request_hook != nullptr) next_request_hook();
  RequestAddinShmemSpace(block_size(settings::shared_sizes()));
}

void start_up() {
  if (next_startup_hook != nullptr) next_startup_hook();
  const Sizes sizes = settings::shared_sizes();
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  bool found;
  auto* made = static_cast<Block*>(ShmemInitStruct("gatehouse", block_size(sizes), &found));
  if (!found) initialize(made, sizes);
  LWLockRelease(AddinShmemInitLock);
  use(made, Place::kPreloaded);
}

void initialize_segment(void* fresh) { initialize(static_cast<Block*>(fresh), kDefaultSizes); }

// Named by the library's version, so that two of them, which may be loaded side by side, don't share what they lay out
// differently.
void attach_segment() {
  if (!IsUnderPostmaster) return;
  constexpr std::string_view kPrefix = "gatehouse ";
  char name[kPrefix.size() + sizeof kLibraryVersion];
  strlcpy(name, kPrefix.data(), sizeof name);
  strlcat(name, kLibraryVersion, sizeof name);
  void* segment = server::named_segment(name, block_size(kDefaultSizes), initialize_segment);
  if (segment != nullptr) use(static_cast<Block*>(segment), Place::kSegment);
}

}  // namespace

void request() {
  if (!process_shared_preload_libraries_in_progress) return;
  next_request_hook = shmem_request_hook;
  shmem_request_hook = request_space;
  next_startup_hook = shmem_startup_hook;
  shmem_startup_hook = start_up;
}

Place place() {
  if (block == nullptr) attach_segment();
  return where;
}

void* find(Part part) {
  if (place() == Place::kNone) return nullptr;
  return reinterpret_cast<char*>(block) + block->offsets[static_cast<std::size_t>(part)];
}

}  // namespace gatehouse::shared

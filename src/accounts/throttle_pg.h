// The counts of failures in shared memory. Edge.
//
// They are counted at once and no ROLLBACK undoes them; what is unsaved is written to gatehouse.login_throttles by
// maintenance, so that a restart doesn't forget them, and read back from there where shared memory lacks them. Without
// shared memory nothing is counted here: the caller counts in the table.
#pragma once

#include "accounts/throttle_table.h"
#include "boundary/server_pg.h"
#include "boundary/shared_memory_pg.h"

namespace gatehouse::accounts {

std::size_t throttle_size(const shared::Sizes& sizes);
void initialize_throttle(void* at, const shared::Sizes& sizes, int lock_tranche);

// Whose count an attempt is on, with what the database has stored of it.
struct Counted {
  Subject subject;
  FailureCount stored_count;
  bool stored;
};

struct Attempt {
  Counted account;
  Counted address;
  bool has_address;
};

enum class Limit { kNone, kAccount, kAddress };

struct Verdict {
  Limit refused_by;          // kNone: admitted
  Microseconds retry_after;  // where it is refused
  bool locks;                // where it is admitted: unless it succeeds its account is locked
  bool to_report;            // where it is refused: once a minute
  std::int32_t refused;      // and how many were since the last report, this one included
};

bool counts_in_shared_memory();

// Looks only.
Verdict judge(const Attempt& attempt);
// Counts the attempt as failed, and judges it by the count.
Verdict admit(const Attempt& attempt);
// It succeeded.
void succeed(const Attempt& attempt);
// It could not be made.
void take_back(const Attempt& attempt);

// The account's count now; what is stored where shared memory has none.
FailureCount current_count(const Counted& account);
void reset(const Counted& account);

// As health_check shows it.
struct ThrottleState {
  int capacity;
  std::int64_t lost;  // counts that had to make room before they were stored, since the server started
};
ThrottleState throttle_state();
// Whether this database has counts to be stored.
bool counts_unsaved();

// A key that lives as long as the server, for digests of what people typed; false without shared memory.
bool server_key(std::span<unsigned char, 32> into);

}  // namespace gatehouse::accounts

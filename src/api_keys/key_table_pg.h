// Direct access to the table gatehouse.api_keys, without SPI. Edge.
#pragma once

#include "boundary/row_probe_pg.h"

namespace gatehouse::api_keys {

// The columns in the order of sql/api_keys/tables.sql; later versions only append.
enum Column : AttrNumber {
  kId = 1,
  kLookupId,
  kOwnerIsLive,
  kRingKeyId,
  kKeyDigest,
  kUserId,
  kExpiresAt,
  kDeactivatedAt,
  kName,
  kHint,
  kScopes,
  kIpAllow,
  kCreatedAt,
  kOwnerStoppedUntil,  // from SQL version 0.3 on
};

using KeyProbe = RowProbe;

// The key's row may soon be wanted, and will be: both let the processor fetch what is likely needed for it, while it
// has something else to do.
void expect(std::int64_t lookup_id) noexcept;
void foresee(std::int64_t lookup_id) noexcept;

// The key's row: from where it was found before, or else by one probe of the index on the look-up id; only the index
// may say that there is none. Opens; what the probe shows is valid until finish_probe.
KeyProbe probe(std::int64_t lookup_id);

}  // namespace gatehouse::api_keys

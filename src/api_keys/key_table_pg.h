// Direct access to the table gatehouse.api_keys, without SPI. Edge.
#pragma once

#include "boundary/server_pg.h"
#include "crypto/token.h"

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

// One probe of the index on the look-up id. The row is seen as it is now, whatever the isolation level of the
// transaction: a revoked key must not live on in an old snapshot.
struct KeyProbe {
  Relation table;
  Relation index;
  Snapshot snapshot;
  TupleTableSlot* slot;
  IndexScanDesc scan;
  bool found;

  // The library also runs under older SQL versions, whose table ends earlier.
  bool has(Column which) const { return which <= slot->tts_tupleDescriptor->natts; }
  Datum column(Column which, bool* is_null) const { return slot_getattr(slot, which, is_null); }
};

// Opens and probes; what the slot shows is valid until finish_probe.
KeyProbe probe(std::int64_t lookup_id);
void finish_probe(const KeyProbe& probe);

}  // namespace gatehouse::api_keys

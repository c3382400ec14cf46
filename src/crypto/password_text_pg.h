// A password as it comes from SQL. Edge.
#pragma once

#include "boundary/outcome.h"
#include "boundary/server_pg.h"

namespace gatehouse::crypto {

struct Password {
  std::string_view text;    // in Unicode normal form NFC, 1..kMaxPasswordBytes bytes
  std::int64_t code_points;
};

// Takes the argument and normalises it. Copies that are ours are wiped with the current context.
// kNullArgument, kPasswordEmpty, kPasswordTooLong, kPasswordUnassigned.
Result<Password> take_password(FunctionCallInfo fcinfo, int argument);

}  // namespace gatehouse::crypto

// The one table from fault to SQLSTATE, message and hint. Core.
//
// Messages follow PostgreSQL's style: lower case, one line, no full stop; hints are sentences.
// In a message {n} stands for Refusal::number and {s} for Refusal::subject.
#pragma once

#include <span>

#include "boundary/outcome.h"

namespace gatehouse {

struct ErrorEntry {
  Fault fault;
  const char* sqlstate;  // five characters, PostgreSQL manual, appendix A
  const char* message;
  const char* hint;  // nullptr where there is none
};

const ErrorEntry& error_entry(Fault fault);

// Writes the message with its placeholders filled, cut to fit, terminated by a NUL.
void format_message(const Refusal& refusal, std::span<char> into);

}  // namespace gatehouse

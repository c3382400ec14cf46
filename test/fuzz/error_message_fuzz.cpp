// Messages of errors: any fault, number, subject and room. What is written is the start of the whole message, ends with
// a NUL and stays within its room.
#include <string>
#include <vector>

#include "boundary/error_table.h"
#include "input.h"

using gatehouse::Fault;
using gatehouse::fuzz::Input;
using gatehouse::fuzz::require;

namespace {

std::string filled(std::string_view message, std::int64_t number, std::string_view subject) {
  std::string text;
  for (std::size_t at = 0; at < message.size(); ++at) {
    if (message.substr(at, 3) == "{n}") {
      text += std::to_string(number);
      at += 2;
    } else if (message.substr(at, 3) == "{s}") {
      text += subject;
      at += 2;
    } else {
      text += message[at];
    }
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const auto fault = static_cast<Fault>(input.byte());
  const auto number = static_cast<std::int64_t>(input.number());
  const std::size_t room = 1 + input.byte();
  const std::string subject(input.rest().substr(0, input.rest().find('\0')));

  const gatehouse::ErrorEntry& entry = gatehouse::error_entry(fault);
  if (static_cast<std::size_t>(fault) >= gatehouse::kFaultCount) {
    require(entry.fault == Fault::kInternal, "a fault beyond the table is an internal error");
  } else {
    require(entry.fault == fault, "the table has an entry for each fault");
  }
  const std::string whole = filled(entry.message, number, subject);

  // Exactly as large as it is said to be, so that an address sanitizer sees a write behind its end.
  std::vector<char> into(room, '\x5a');
  gatehouse::format_message({fault, number, subject.c_str()}, into);
  const std::size_t written = std::min(whole.size(), room - 1);
  require(into[written] == '\0', "the message ends with a NUL");
  require(std::string_view(into.data(), written) == std::string_view(whole).substr(0, written),
          "what is written is the start of the message");
  return 0;
}

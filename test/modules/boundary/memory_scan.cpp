#include "memory_scan.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace boundary_test {

namespace {

// Static, so that the search allocates nothing in the memory that it looks at.
char mappings[1 << 20];
unsigned char window[1 << 20];

std::ptrdiff_t read_file(const char* path, char* into, std::size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  std::size_t got = 0;
  while (got < size - 1) {
    const ssize_t now = read(file, into + got, size - 1 - got);
    if (now <= 0) break;
    got += static_cast<std::size_t>(now);
  }
  close(file);
  into[got] = '\0';
  return static_cast<std::ptrdiff_t>(got);
}

std::int64_t count_in_window(std::size_t size, std::span<const unsigned char> masked_needle, unsigned char mask) {
  std::int64_t count = 0;
  const unsigned char first = masked_needle[0] ^ mask;
  const unsigned char* at = window;
  const unsigned char* const end = window + size;
  while (static_cast<std::size_t>(end - at) >= masked_needle.size()) {
    at = static_cast<const unsigned char*>(
        std::memchr(at, first, static_cast<std::size_t>(end - at) - masked_needle.size() + 1));
    if (at == nullptr) break;
    std::size_t same = 1;
    while (same < masked_needle.size() && (at[same] ^ mask) == masked_needle[same]) ++same;
    if (same == masked_needle.size()) ++count;
    ++at;
  }
  return count;
}

}  // namespace

std::int64_t scan_memory(std::span<const unsigned char> masked_needle, unsigned char mask) {
  const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  if (memory < 0 || read_file("/proc/self/maps", mappings, sizeof mappings) <= 0) return -1;
  const auto window_begin = reinterpret_cast<std::uintptr_t>(window);
  const auto window_end = window_begin + sizeof window;
  const std::size_t overlap = masked_needle.size() - 1;

  std::int64_t count = 0;
  for (const char* line = mappings; line != nullptr && *line != '\0';) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char rights[5] = "";
    std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, rights);
    line = std::strchr(line, '\n');
    if (line != nullptr) ++line;
    if (rights[0] != 'r' || rights[1] != 'w') continue;

    std::uintptr_t at = begin;
    while (at < end) {
      if (at >= window_begin && at < window_end) {
        at = window_end;
        continue;
      }
      const std::uintptr_t stop = at < window_begin ? std::min(end, window_begin) : end;
      const std::size_t wanted = std::min<std::size_t>(sizeof window, stop - at);
      const ssize_t got = pread(memory, window, wanted, static_cast<off_t>(at));
      if (got <= 0) {
        at += wanted;
        continue;
      }
      count += count_in_window(static_cast<std::size_t>(got), masked_needle, mask);
      const auto done = static_cast<std::size_t>(got);
      at += done == wanted && at + done < stop && done > overlap ? done - overlap : done;
    }
  }
  close(memory);
  explicit_bzero(window, sizeof window);
  return count;
}

std::int64_t resident_anonymous_bytes() {
  char text[4096];
  if (read_file("/proc/self/status", text, sizeof text) <= 0) return -1;
  const char* const line = std::strstr(text, "RssAnon:");
  return line == nullptr ? -1 : std::strtoll(line + 8, nullptr, 10) * 1024;
}

}  // namespace boundary_test

// Stands in for libFuzzer where the compiler has none: runs a target over a corpus and over mutated copies of it,
// blindly.
//
//   <target> [-runs=N] [-seed=N] [-max_len=N] [CORPUS FOLDER or FILE ...]
//
// The options are libFuzzer's. The seed is printed; the same seed gives the same inputs. What was run last is written
// to crash-input when the target ends the process.
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "input.h"

extern "C" int LLVMFuzzerInitialize(int*, char***);

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Options {
  std::uint64_t runs = 20000;
  std::uint64_t seed = std::random_device{}();
  std::size_t max_len = 4096;
  std::vector<std::filesystem::path> paths;
};

Options read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word.rfind("-runs=", 0) == 0) {
      options.runs = std::stoull(word.substr(6));
    } else if (word.rfind("-seed=", 0) == 0) {
      options.seed = std::stoull(word.substr(6));
    } else if (word.rfind("-max_len=", 0) == 0) {
      options.max_len = std::stoull(word.substr(9));
    } else if (word.front() != '-') {
      options.paths.emplace_back(word);
    }
  }
  return options;
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Bytes> read_corpus(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  }
  // The order in the folder is the file system's; the same seed must give the same inputs.
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const auto& file : files) corpus.push_back(read_file(file));
  return corpus;
}

class Mutator {
 public:
  Mutator(std::uint64_t seed, const std::vector<Bytes>& corpus) : random_(seed), corpus_(corpus) {}

  Bytes next(std::size_t max_len) {
    Bytes bytes = pick();
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(bytes);
    if (bytes.size() > max_len) bytes.resize(max_len);
    return bytes;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }
  Bytes pick() { return corpus_.empty() ? Bytes{} : corpus_[below(corpus_.size())]; }

  void change(Bytes& bytes) {
    static constexpr std::string_view kTelling = "$:=,_*#\n \0/+-.09azAZ\xff\x80";
    const std::size_t at = below(bytes.size() + 1);
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(7)) {
      case 0:
        bytes.insert(place, static_cast<std::uint8_t>(random_()));
        break;
      case 1:
        bytes.insert(place, static_cast<std::uint8_t>(kTelling[below(kTelling.size())]));
        break;
      case 2:
        bytes.erase(place, place + static_cast<std::ptrdiff_t>(below(bytes.size() - at + 1)));
        break;
      case 3:
        if (at < bytes.size()) *place ^= static_cast<std::uint8_t>(1u << below(8));
        break;
      case 4:
        if (at < bytes.size()) *place = static_cast<std::uint8_t>(kTelling[below(kTelling.size())]);
        break;
      case 5: {
        const Bytes other = pick();
        const std::size_t from = below(other.size() + 1);
        bytes.insert(place, other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
        break;
      }
      case 6: {
        const Bytes again(place, bytes.end());
        bytes.insert(bytes.end(), again.begin(), again.end());
        break;
      }
    }
  }

  std::mt19937_64 random_;
  const std::vector<Bytes>& corpus_;
};

Bytes last_input;

// A signal handler that allocates nothing: the process is ending anyway.
extern "C" void keep_last_input(int number) {
  if (std::FILE* file = std::fopen("crash-input", "wb")) {
    std::fwrite(last_input.data(), 1, last_input.size(), file);
    std::fclose(file);
    std::fputs("the input is in crash-input\n", stderr);
  }
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void run(const Bytes& bytes) {
  last_input = bytes;
  // A copy of exactly its size, so that an address sanitizer sees a read behind its end.
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int count, char** words) {
  const Options options = read_options(count, words);
  std::signal(SIGABRT, keep_last_input);
  std::signal(SIGSEGV, keep_last_input);
  LLVMFuzzerInitialize(&count, &words);
  const std::vector<Bytes> corpus = read_corpus(options.paths);
  std::printf("seed %llu, %zu inputs of the corpus, %llu mutated copies\n",
              static_cast<unsigned long long>(options.seed), corpus.size(),
              static_cast<unsigned long long>(options.runs));
  std::fflush(stdout);
  run({});
  for (const Bytes& bytes : corpus) run(bytes);
  Mutator mutator(options.seed, corpus);
  for (std::uint64_t i = 0; i < options.runs; ++i) run(mutator.next(options.max_len));
  return 0;
}

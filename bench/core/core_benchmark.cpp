// What the core does for each verification, and the libraries alone doing the part that can't be spared. Arguments are
// made before the clock starts.
#include <benchmark/benchmark.h>
#include <sodium.h>
#include <zlib.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api_keys/key_format.h"
#include "api_keys/scope.h"
#include "crypto/encoding.h"
#include "crypto/token.h"

namespace {

using gatehouse::api_keys::kBodySize;

std::string made_key() {
  std::string key(2 + 1 + kBodySize, '\0');
  if (sodium_init() < 0 || !gatehouse::api_keys::make_key("sk", key).ok()) std::abort();
  return key;
}

void parse_key(benchmark::State& state) {
  const std::string key = made_key();
  if (!gatehouse::api_keys::parse_key(key).well_formed) state.SkipWithError("the key is refused");
  for (auto _ : state) {
    std::string_view presented = key;
    benchmark::DoNotOptimize(presented);
    benchmark::DoNotOptimize(gatehouse::api_keys::parse_key(presented));
  }
}
BENCHMARK(parse_key);

void crc32_of_a_key(benchmark::State& state) {
  const std::string key = made_key();
  for (auto _ : state) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
    benchmark::DoNotOptimize(bytes);
    benchmark::DoNotOptimize(crc32(0, bytes, key.size() - 6));
  }
}
BENCHMARK(crc32_of_a_key);

void token_digest(benchmark::State& state) {
  const std::string key = made_key();
  for (auto _ : state) {
    std::string_view presented = key;
    benchmark::DoNotOptimize(presented);
    benchmark::DoNotOptimize(gatehouse::crypto::token_digest(presented, nullptr));
  }
}
BENCHMARK(token_digest);

void blake2b_of_a_key(benchmark::State& state) {
  const std::string key = made_key();
  std::array<unsigned char, 32> digest;
  for (auto _ : state) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
    benchmark::DoNotOptimize(bytes);
    crypto_generichash(digest.data(), digest.size(), bytes, key.size(), nullptr, 0);
    benchmark::DoNotOptimize(digest);
  }
}
BENCHMARK(blake2b_of_a_key);

void scope_covers(benchmark::State& state) {
  for (auto _ : state) {
    std::string_view held = "read:*";
    std::string_view required = "read:customer_orders";
    benchmark::DoNotOptimize(held);
    benchmark::DoNotOptimize(required);
    benchmark::DoNotOptimize(gatehouse::api_keys::scope_covers(held, required));
  }
}
BENCHMARK(scope_covers);

void encode_base62_of_32_bytes(benchmark::State& state) {
  std::array<unsigned char, 32> bytes;
  std::array<char, 43> text;
  randombytes_buf(bytes.data(), bytes.size());
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes);
    benchmark::DoNotOptimize(gatehouse::crypto::encode_base62(bytes, text));
    benchmark::DoNotOptimize(text);
  }
}
BENCHMARK(encode_base62_of_32_bytes);

void decode_base62_of_8_bytes(benchmark::State& state) {
  const std::string_view text = "7N42dgm5tFL";
  std::array<unsigned char, 8> bytes;
  if (!gatehouse::crypto::decode_base62(text, bytes)) state.SkipWithError("the number is refused");
  for (auto _ : state) {
    std::string_view presented = text;
    benchmark::DoNotOptimize(presented);
    benchmark::DoNotOptimize(gatehouse::crypto::decode_base62(presented, bytes));
    benchmark::DoNotOptimize(bytes);
  }
}
BENCHMARK(decode_base62_of_8_bytes);

}  // namespace

BENCHMARK_MAIN();

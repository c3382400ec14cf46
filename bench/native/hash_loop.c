// hash_loop COUNT MEMORY ITERATIONS: the seconds that COUNT hashes take libsodium alone, with MEMORY in bytes,
// by the clock and of the processor.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char** argv) {
  if (argc != 4 || sodium_init() < 0) return 2;
  const long count = atol(argv[1]);
  const size_t memory = strtoull(argv[2], NULL, 10);
  const unsigned long long iterations = strtoull(argv[3], NULL, 10);
  char password[64];
  char hash[crypto_pwhash_STRBYTES];

  const double start = now(CLOCK_MONOTONIC);
  const double processor_start = now(CLOCK_PROCESS_CPUTIME_ID);
  for (long i = 1; i <= count; i++) {
    snprintf(password, sizeof password, "correct horse battery staple %ld", i);
    if (crypto_pwhash_str_alg(hash, password, strlen(password), iterations, memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
      fputs("hash_loop: out of memory\n", stderr);
      return 1;
    }
  }
  const double processor = now(CLOCK_PROCESS_CPUTIME_ID) - processor_start;
  printf("%.6f %.6f %s\n", now(CLOCK_MONOTONIC) - start, processor, hash);
  return 0;
}

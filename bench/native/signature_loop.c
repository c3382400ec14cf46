// signature_loop COUNT sign|verify BYTES: the seconds that COUNT signatures by Ed25519 of so many bytes take libsodium alone, by the
// clock and of the processor.
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
  const int signs = strcmp(argv[2], "sign") == 0;
  const size_t size = strtoull(argv[3], NULL, 10);
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
  unsigned char signature[crypto_sign_BYTES];
  unsigned char* message = malloc(size + 1);
  if (message == NULL) return 1;
  crypto_sign_keypair(public_key, secret_key);
  randombytes_buf(message, size);
  crypto_sign_detached(signature, NULL, message, size, secret_key);

  const double start = now(CLOCK_MONOTONIC);
  const double processor_start = now(CLOCK_PROCESS_CPUTIME_ID);
  for (long i = 0; i < count; i++) {
    if (signs) {
      crypto_sign_detached(signature, NULL, message, size, secret_key);
    } else if (crypto_sign_verify_detached(signature, message, size, public_key) != 0) {
      fputs("signature_loop: a signature does not hold\n", stderr);
      return 1;
    }
  }
  const double processor = now(CLOCK_PROCESS_CPUTIME_ID) - processor_start;
  printf("%.6f %.6f\n", now(CLOCK_MONOTONIC) - start, processor);
  return 0;
}

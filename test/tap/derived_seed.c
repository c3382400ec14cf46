// The seed of the Ed25519 key that is derived from a key of the ring, which stands on standard input as 64 hexadecimal digits:
// by the documentation alone, without a line of gatehouse's.
#include <sodium.h>
#include <stdio.h>

int main(void) {
  char digits[65];
  unsigned char master[crypto_kdf_KEYBYTES];
  unsigned char seed[crypto_sign_SEEDBYTES];
  char text[sodium_base64_ENCODED_LEN(crypto_sign_SEEDBYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
  if (sodium_init() < 0 || scanf("%64s", digits) != 1) return 1;
  if (sodium_hex2bin(master, sizeof master, digits, 64, NULL, NULL, NULL) != 0) return 1;
  if (crypto_kdf_derive_from_key(seed, sizeof seed, 4, "gatehous", master) != 0) return 1;
  puts(sodium_bin2base64(text, sizeof text, seed, sizeof seed, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
  return 0;
}

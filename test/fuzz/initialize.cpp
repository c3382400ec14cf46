// libsodium is initialised before the first input, as the server does it when it loads the library.
#include <sodium.h>

#include <cstdlib>

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  if (sodium_init() < 0) std::abort();
  return 0;
}

// Preloaded beside the sanitizers' libraries: a server that starts under them can hang in its very first message, where
// gettext takes a lock while it asks for memory. Memory that was asked for before anything else ends that. Linked with
// -Wl,-z,initfirst, so that this constructor precedes all others.
#include <stdlib.h>

static void *volatile kept;

__attribute__((constructor)) static void malloc_first(void) {
  kept = malloc(64);
  free(kept);
}

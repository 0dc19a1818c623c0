/* The adapter: your allocator, as rcufarm calls it. */
#include <rcufarm_target.h>

#include "pool.h"

int rcufarm_target_init(void) { return 0; }
void rcufarm_target_destroy(void) { pool_empty(); }
void* rcufarm_target_alloc(size_t bytes) { return pool_get(bytes); }
void rcufarm_target_free(void* object, size_t bytes) {
  (void)bytes;
  pool_put(object);
}

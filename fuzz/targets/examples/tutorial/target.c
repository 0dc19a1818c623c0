/* The adapter: the magazine allocator, as rcufarm calls it. */
#include <rcufarm_target.h>
#include <stddef.h>

#include "magazine.h"

int rcufarm_target_init(void) { return 0; }
void rcufarm_target_destroy(void) { magazine_destroy(); }
void* rcufarm_target_alloc(size_t bytes) { return bytes <= magazine_block_bytes ? magazine_alloc() : NULL; }
void rcufarm_target_free(void* object, size_t bytes) {
  (void)bytes;
  magazine_free(object);
}
void rcufarm_target_free_deferred(void* object, size_t bytes) {
  (void)bytes;
  magazine_free_deferred(object);
}
void rcufarm_target_thread_begin(void) { magazine_thread_begin(); }
void rcufarm_target_thread_end(void) { magazine_thread_end(); }

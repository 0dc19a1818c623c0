/* A small allocator for the tutorial: blocks of one size, a list for each thread, frees that wait for readers. */
#ifndef MAGAZINE_H
#define MAGAZINE_H

enum { magazine_block_bytes = 48 };

void magazine_thread_begin(void);
void magazine_thread_end(void);
void* magazine_alloc(void);
void magazine_free(void* object);
/* Readers that began before may look at the object until they end. */
void magazine_free_deferred(void* object);
/* When all other threads have ended. */
void magazine_destroy(void);

#endif

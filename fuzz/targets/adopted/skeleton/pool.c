/* Stands for your allocator: blocks of one size, and a list of free ones behind a lock. */
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>

enum { block_bytes = 64 };

struct block {
  struct block* next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block* free_blocks;

void* pool_get(size_t bytes) {
  if (bytes > block_bytes) return NULL;
  pthread_mutex_lock(&lock);
  struct block* block = free_blocks;
  if (block != NULL) free_blocks = block->next;
  pthread_mutex_unlock(&lock);
  return block != NULL ? block : malloc(block_bytes);
}

void pool_put(void* object) {
  struct block* block = object;
  pthread_mutex_lock(&lock);
  block->next = free_blocks;
  free_blocks = block;
  pthread_mutex_unlock(&lock);
}

void pool_empty(void) {
  while (free_blocks != NULL) {
    struct block* block = free_blocks;
    free_blocks = block->next;
    free(block);
  }
}

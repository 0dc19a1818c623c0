/* Each thread has a list of free blocks that nobody else touches. What it has too much goes in batches to a depot, from which threads
 * with an empty list take all that there is. A deferred free waits for a grace period of RCU (liburcu), and then goes to the depot. */
#include "magazine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <urcu.h>

enum { batch = 2, blocks_in_chunk = 2 };

struct block {
  struct block* next;
};

/* A deferred object, in its own first bytes. */
struct deferred {
  struct rcu_head head;
};

/* Threads that are there, and chunks to be freed in the end. */
struct chunk {
  struct chunk* next;
};

static _Atomic(struct block*) depot;
static pthread_mutex_t chunks_lock = PTHREAD_MUTEX_INITIALIZER;
static struct chunk* chunks;

static _Thread_local struct block* mine;
static _Thread_local unsigned count;

/* Puts a chain on the depot's list. */
static void give(struct block* first, struct block* last) {
  struct block* top = atomic_load_explicit(&depot, memory_order_relaxed);
  do {
    last->next = top;
    /* release: pairs with the acquire in take_all(), so that the links are seen. */
  } while (!atomic_compare_exchange_weak_explicit(&depot, &top, first, memory_order_release, memory_order_relaxed));
}

/* Takes the whole list: no ABA, since nobody takes a single block. */
static struct block* take_all(void) { return atomic_exchange_explicit(&depot, NULL, memory_order_acquire); }

static struct block* new_chunk(void) {
  char* memory = malloc(sizeof(struct chunk) + blocks_in_chunk * magazine_block_bytes);
  if (memory == NULL) return NULL;
  struct chunk* chunk = (struct chunk*)memory;
  pthread_mutex_lock(&chunks_lock);
  chunk->next = chunks;
  chunks = chunk;
  pthread_mutex_unlock(&chunks_lock);
  struct block* first = NULL;
  for (int i = 0; i < blocks_in_chunk; ++i) {
    struct block* block = (struct block*)(memory + sizeof(struct chunk) + (size_t)i * magazine_block_bytes);
    block->next = first;
    first = block;
  }
  return first;
}

static void refill(void) {
  mine = take_all();
  if (mine == NULL) mine = new_chunk();
  count = 0;
  for (struct block* block = mine; block != NULL; block = block->next) ++count;
}

/* Gives a batch from the front of this thread's list away. */
static void flush(unsigned blocks) {
  struct block* first = mine;
  struct block* last = first;
  for (unsigned i = 1; i < blocks; ++i) last = last->next;
  mine = last->next;
  count -= blocks;
  give(first, last);
}

void magazine_thread_begin(void) { mine = NULL, count = 0; }

void magazine_thread_end(void) {
  if (count > 0) flush(count);
}

void* magazine_alloc(void) {
  if (mine == NULL) refill();
  struct block* block = mine;
  if (block == NULL) return NULL;
  mine = block->next;
  --count;
  return block;
}

void magazine_free(void* object) {
  struct block* block = object;
  block->next = mine;
  mine = block;
  if (++count > 2 * batch) flush(batch);
}

/* In a callback: no thread's list is the caller's. */
static void after_readers(struct rcu_head* head) {
  struct block* block = (struct block*)caa_container_of(head, struct deferred, head);
  give(block, block);
}

void magazine_free_deferred(void* object) {
  struct deferred* deferred = object;
  call_rcu(&deferred->head, after_readers);
}

void magazine_destroy(void) {
  rcu_barrier();
  while (chunks != NULL) {
    struct chunk* chunk = chunks;
    chunks = chunk->next;
    free(chunk);
  }
}

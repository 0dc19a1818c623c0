/* Free objects wait in a queue with a lock at each end; a freed one comes back when all sections of its time have ended. Entries of the
 * queue are its own: those that it is done with are used again. */
#include <ck_epoch.h>
#include <ck_fifo.h>
#include <rcufarm_target.h>
#include <stdlib.h>

enum { object_bytes = 40 };

struct object {
  ck_epoch_entry_t epoch;
  char bytes[object_bytes];
};
CK_EPOCH_CONTAINER(struct object, epoch, object_of_epoch)

static ck_epoch_t epoch;
static ck_fifo_spsc_t fifo;
static _Thread_local ck_epoch_record_t* record;

static struct object* object_of(void* bytes) { return (struct object*)((char*)bytes - offsetof(struct object, bytes)); }

static void enqueue(ck_epoch_entry_t* entry) {
  ck_fifo_spsc_enqueue_lock(&fifo);
  ck_fifo_spsc_entry_t* place = ck_fifo_spsc_recycle(&fifo);
  while (place == NULL) place = malloc(sizeof(*place));
  ck_fifo_spsc_enqueue(&fifo, place, object_of_epoch(entry));
  ck_fifo_spsc_enqueue_unlock(&fifo);
}

int rcufarm_target_init(void) {
  ck_epoch_init(&epoch);
  ck_fifo_spsc_entry_t* stub = malloc(sizeof(*stub));
  if (stub == NULL) return -1;
  ck_fifo_spsc_init(&fifo, stub);
  return 0;
}

void rcufarm_target_thread_begin(void) {
  record = ck_epoch_recycle(&epoch, NULL);
  if (record != NULL) return;
  while ((record = aligned_alloc(64, (sizeof(*record) + 63) / 64 * 64)) == NULL) {
  }
  ck_epoch_register(&epoch, record, NULL);
}

void rcufarm_target_thread_end(void) {
  ck_epoch_barrier(record);
  ck_epoch_unregister(record);
}

void rcufarm_target_destroy(void) {
  void* object;
  while (ck_fifo_spsc_dequeue(&fifo, &object)) free(object);
  ck_fifo_spsc_entry_t* place;
  ck_fifo_spsc_deinit(&fifo, &place);
  while (place != NULL) {
    ck_fifo_spsc_entry_t* next = place->next;
    free(place);
    place = next;
  }
  ck_stack_entry_t* next = ck_stack_batch_pop_upmc(&epoch.records);
  while (next != NULL) {
    ck_epoch_record_t* each = (ck_epoch_record_t*)((char*)next - offsetof(ck_epoch_record_t, record_next));
    next = next->next;
    free(each);
  }
}

void* rcufarm_target_alloc(size_t bytes) {
  if (bytes > object_bytes) return NULL;
  struct object* object = NULL;
  ck_fifo_spsc_dequeue_lock(&fifo);
  bool found = ck_fifo_spsc_dequeue(&fifo, &object);
  ck_fifo_spsc_dequeue_unlock(&fifo);
  if (!found) object = malloc(sizeof(*object));
  return object != NULL ? object->bytes : NULL;
}

static void free_later(void* bytes) {
  ck_epoch_call(record, &object_of(bytes)->epoch, enqueue);
  ck_epoch_poll(record);
}

void rcufarm_target_free(void* bytes, size_t size) {
  (void)size;
  free_later(bytes);
}
void rcufarm_target_free_deferred(void* bytes, size_t size) {
  (void)size;
  free_later(bytes);
}
void rcufarm_target_read_lock(void) { ck_epoch_begin(record, NULL); }
void rcufarm_target_read_unlock(void) { ck_epoch_end(record, NULL); }

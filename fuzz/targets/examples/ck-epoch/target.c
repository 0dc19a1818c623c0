/* Free objects lie on a stack, from which a pop is safe inside of an epoch's section; a freed one comes back when all sections of its
 * time have ended. */
#include <ck_epoch.h>
#include <ck_stack.h>
#include <rcufarm_target.h>
#include <stdlib.h>

enum { object_bytes = 40 };

struct object {
  ck_epoch_entry_t epoch;
  ck_stack_entry_t free;
  char bytes[object_bytes];
};
CK_EPOCH_CONTAINER(struct object, epoch, object_of_epoch)
CK_STACK_CONTAINER(struct object, free, object_of_free)

static ck_epoch_t epoch;
static ck_stack_t stack;
static _Thread_local ck_epoch_record_t* record;

static struct object* object_of(void* bytes) { return (struct object*)((char*)bytes - offsetof(struct object, bytes)); }

static void push(ck_epoch_entry_t* entry) { ck_stack_push_upmc(&stack, &object_of_epoch(entry)->free); }

int rcufarm_target_init(void) {
  ck_epoch_init(&epoch);
  ck_stack_init(&stack);
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
  ck_stack_entry_t* entry;
  while ((entry = ck_stack_pop_upmc(&stack)) != NULL) free(object_of_free(entry));
  while ((record = ck_epoch_recycle(&epoch, NULL)) != NULL) {
    ck_stack_entry_t* next = ck_stack_batch_pop_upmc(&epoch.records);
    while (next != NULL) {
      ck_epoch_record_t* each = (ck_epoch_record_t*)((char*)next - offsetof(ck_epoch_record_t, record_next));
      next = next->next;
      free(each);
    }
    ck_epoch_init(&epoch);
  }
}

void* rcufarm_target_alloc(size_t bytes) {
  if (bytes > object_bytes) return NULL;
  ck_epoch_begin(record, NULL);
  ck_stack_entry_t* entry = ck_stack_pop_upmc(&stack);
  ck_epoch_end(record, NULL);
  struct object* object = entry != NULL ? object_of_free(entry) : malloc(sizeof(struct object));
  return object != NULL ? object->bytes : NULL;
}

static void free_later(void* bytes) {
  ck_epoch_call(record, &object_of(bytes)->epoch, push);
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

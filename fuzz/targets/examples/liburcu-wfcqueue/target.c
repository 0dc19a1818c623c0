/* Objects that are free wait in a queue: frees enqueue without a lock, allocations dequeue under the queue's own. */
#include <rcufarm_target.h>
#include <stdlib.h>
#include <urcu/rcufarm.h>
#include <urcu/wfcqueue.h>

enum { object_bytes = 40 };

struct object {
  struct cds_wfcq_node node;
  struct rcu_head rcu;
  char bytes[object_bytes];
};

static struct cds_wfcq_head head;
static struct cds_wfcq_tail tail;

static struct object* object_of(void* bytes) { return caa_container_of(bytes, struct object, bytes); }

static void enqueue(struct rcu_head* rcu) {
  struct object* object = caa_container_of(rcu, struct object, rcu);
  cds_wfcq_node_init(&object->node);
  cds_wfcq_enqueue(&head, &tail, &object->node);
}

int rcufarm_target_init(void) {
  cds_wfcq_init(&head, &tail);
  return 0;
}

void rcufarm_target_destroy(void) {
  rcu_barrier();
  for (struct cds_wfcq_node* node; (node = cds_wfcq_dequeue_blocking(&head, &tail)) != NULL;) {
    free(caa_container_of(node, struct object, node));
  }
  cds_wfcq_destroy(&head, &tail);
}

void* rcufarm_target_alloc(size_t bytes) {
  if (bytes > object_bytes) return NULL;
  struct cds_wfcq_node* node = cds_wfcq_dequeue_blocking(&head, &tail);
  struct object* object = node != NULL ? caa_container_of(node, struct object, node) : malloc(sizeof(struct object));
  return object != NULL ? object->bytes : NULL;
}

void rcufarm_target_free(void* bytes, size_t size) {
  (void)size;
  enqueue(&object_of(bytes)->rcu);
}

void rcufarm_target_free_deferred(void* bytes, size_t size) {
  (void)size;
  call_rcu(&object_of(bytes)->rcu, enqueue);
}

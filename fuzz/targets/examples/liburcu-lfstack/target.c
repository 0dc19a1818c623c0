/* Objects that are free lie on a stack. Its pop may be tricked by a node that is popped and pushed again meanwhile, so a pop is a read
 * section, and a node comes back when a grace period has passed. */
#include <rcufarm_target.h>
#include <stdlib.h>
#include <urcu/lfstack.h>
#include <urcu/rcufarm.h>

enum { object_bytes = 40 };

struct object {
  struct cds_lfs_node node;
  struct rcu_head rcu;
  char bytes[object_bytes];
};

static struct __cds_lfs_stack stack;

static struct object* object_of(void* bytes) { return caa_container_of(bytes, struct object, bytes); }

static void push(struct rcu_head* head) {
  struct object* object = caa_container_of(head, struct object, rcu);
  cds_lfs_node_init(&object->node);
  cds_lfs_push(&stack, &object->node);
}

int rcufarm_target_init(void) {
  __cds_lfs_init(&stack);
  return 0;
}

void rcufarm_target_destroy(void) {
  rcu_barrier();
  struct cds_lfs_head* head = __cds_lfs_pop_all(&stack);
  struct cds_lfs_node* node = head != NULL ? &head->node : NULL;
  while (node != NULL) {
    struct object* object = caa_container_of(node, struct object, node);
    node = node->next;
    free(object);
  }
}

void* rcufarm_target_alloc(size_t bytes) {
  if (bytes > object_bytes) return NULL;
  rcu_read_lock();
  struct cds_lfs_node* node = __cds_lfs_pop(&stack);
  rcu_read_unlock();
  struct object* object = node != NULL ? caa_container_of(node, struct object, node) : malloc(sizeof(struct object));
  return object != NULL ? object->bytes : NULL;
}

static void free_later(void* bytes) { call_rcu(&object_of(bytes)->rcu, push); }

void rcufarm_target_free(void* bytes, size_t size) {
  (void)size;
  free_later(bytes);
}

void rcufarm_target_free_deferred(void* bytes, size_t size) {
  (void)size;
  free_later(bytes);
}

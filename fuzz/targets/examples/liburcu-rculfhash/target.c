/* An alloc looks for a node of its size and deletes it; who deletes it has the object. Others may still walk over the node, so it
 * comes back behind a grace period. A quiet thread makes the table larger or smaller now and then, beside all others. */
#include <rcufarm_target.h>
#include <stdlib.h>
#include <urcu/flavor.h>
#include <urcu/rcufarm.h>
#include <urcu/rculfhash.h>

enum { object_bytes = 40, buckets_few = 2, buckets_many = 8 };

struct object {
  struct cds_lfht_node node;
  struct rcu_head rcu;
  unsigned long key;
  char bytes[object_bytes];
};

static struct cds_lfht* table;
static unsigned resizes;

static void read_lock(void) { rcu_read_lock(); }
static void read_unlock(void) { rcu_read_unlock(); }
static int read_ongoing(void) { return rcu_read_ongoing(); }
static void call(struct rcu_head* head, void (*function)(struct rcu_head*)) { call_rcu(head, function); }
static void synchronize(void) { synchronize_rcu(); }
static void barrier(void) { rcu_barrier(); }
static void nothing(void) {}
static void no_fork(struct urcu_atfork* calls) { (void)calls; }

static const struct rcu_flavor_struct flavor = {.read_lock = read_lock,
                                                .read_unlock = read_unlock,
                                                .read_ongoing = read_ongoing,
                                                .read_quiescent_state = nothing,
                                                .update_call_rcu = call,
                                                .update_synchronize_rcu = synchronize,
                                                .thread_offline = nothing,
                                                .thread_online = nothing,
                                                .register_thread = nothing,
                                                .unregister_thread = nothing,
                                                .barrier = barrier,
                                                .register_rculfhash_atfork = no_fork,
                                                .unregister_rculfhash_atfork = no_fork};

static struct object* object_of(void* bytes) { return caa_container_of(bytes, struct object, bytes); }
static unsigned long key_of(size_t bytes) { return bytes > 24 ? 5 : 2; }
static int is_of_key(struct cds_lfht_node* node, const void* key) {
  return caa_container_of(node, struct object, node)->key == *(const unsigned long*)key;
}

int rcufarm_target_init(void) {
  table = _cds_lfht_new(buckets_few, buckets_few, buckets_many, 0, &cds_lfht_mm_order, &flavor, NULL);
  return table != NULL ? 0 : -1;
}

void rcufarm_target_destroy(void) {
  rcu_barrier();
  struct cds_lfht_iter iter;
  rcu_read_lock();
  cds_lfht_first(table, &iter);
  struct cds_lfht_node* node;
  while ((node = cds_lfht_iter_get_node(&iter)) != NULL) {
    cds_lfht_del(table, node);
    cds_lfht_next(table, &iter);
    free(caa_container_of(node, struct object, node));
  }
  rcu_read_unlock();
  cds_lfht_destroy(table, NULL);
}

void* rcufarm_target_alloc(size_t bytes) {
  if (bytes > object_bytes) return NULL;
  const unsigned long key = key_of(bytes);
  struct cds_lfht_iter iter;
  struct object* object = NULL;
  rcu_read_lock();
  cds_lfht_lookup(table, key, is_of_key, &key, &iter);
  struct cds_lfht_node* node = cds_lfht_iter_get_node(&iter);
  if (node != NULL && cds_lfht_del(table, node) == 0) object = caa_container_of(node, struct object, node);
  rcu_read_unlock();
  if (object == NULL && (object = malloc(sizeof(*object))) != NULL) object->key = key;
  return object != NULL ? object->bytes : NULL;
}

static void add(struct rcu_head* head) {
  struct object* object = caa_container_of(head, struct object, rcu);
  cds_lfht_node_init(&object->node);
  rcu_read_lock();
  cds_lfht_add(table, object->key, &object->node);
  rcu_read_unlock();
}

static void free_later(void* bytes) { call_rcu(&object_of(bytes)->rcu, add); }

void rcufarm_target_free(void* bytes, size_t size) {
  (void)size;
  free_later(bytes);
}
void rcufarm_target_free_deferred(void* bytes, size_t size) {
  (void)size;
  free_later(bytes);
}

void rcufarm_target_thread_end(void) {
  cds_lfht_resize(table, __atomic_fetch_add(&resizes, 1, __ATOMIC_RELAXED) % 2 == 0 ? buckets_many : buckets_few);
}

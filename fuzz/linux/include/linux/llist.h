// The lock-free list. Those that change it by a read-modify-write are full barriers, as in the kernel.
#pragma once

#include <linux/atomic.h>
#include <linux/kernel.h>

struct llist_node {
  struct llist_node* next;
};
struct llist_head {
  struct llist_node* first;
};

#define LLIST_HEAD_INIT(name) \
  { NULL }
#define LLIST_HEAD(name) struct llist_head name = LLIST_HEAD_INIT(name)
#define llist_entry(pointer, type, member) container_of(pointer, type, member)

void init_llist_head(struct llist_head* list);
bool llist_empty(const struct llist_head* head);
// True: it was empty.
bool llist_add(struct llist_node* node, struct llist_head* head);
bool llist_add_batch(struct llist_node* first, struct llist_node* last, struct llist_head* head);
struct llist_node* llist_del_all(struct llist_head* head);
struct llist_node* llist_del_first(struct llist_head* head);
struct llist_node* llist_reverse_order(struct llist_node* head);
// For a list that one context at a time touches.
bool __llist_add(struct llist_node* node, struct llist_head* head);
bool __llist_add_batch(struct llist_node* first, struct llist_node* last, struct llist_head* head);
struct llist_node* __llist_del_all(struct llist_head* head);

static inline struct llist_node* llist_next(struct llist_node* node) { return node->next; }

#define llist_for_each(at, chain) for ((at) = (chain); (at) != NULL; (at) = (at)->next)
// `after` is read before the body, which may free `at`.
#define llist_for_each_safe(at, after, chain) \
  for ((at) = (chain); (at) != NULL && ((after) = (at)->next, true); (at) = (after))
#define llist_for_each_entry(at, chain, member)                                     \
  for ((at) = llist_entry(chain, __typeof__(*(at)), member); &(at)->member != NULL; \
       (at) = llist_entry((at)->member.next, __typeof__(*(at)), member))
#define llist_for_each_entry_safe(at, after, chain, member)                                                  \
  for ((at) = llist_entry(chain, __typeof__(*(at)), member);                                                 \
       &(at)->member != NULL && ((after) = llist_entry((at)->member.next, __typeof__(*(at)), member), true); \
       (at) = (after))

// llist.
#include "linux/shim.h"

using namespace rcufarm;
using namespace rcufarm::linux_shim;
using kernel::Order;

namespace {
llist_node* node_at(sim::Word word) { return reinterpret_cast<llist_node*>(word); }
// A read-modify-write of the kernel's is a full barrier, where the machine's list gives one of its halves.
bool full(llist_head* head, bool was_empty) {
  foreign::acquire(word_of(head));
  return was_empty;
}
}  // namespace

extern "C" {

void init_llist_head(llist_head* list) {
  foreign::store(&list->first, sizeof(list->first), 0, Order::relaxed, RCUFARM_CALLER);
}
bool llist_empty(const llist_head* head) { return sim::llist_empty(word_of(head), RCUFARM_CALLER); }
bool llist_add(llist_node* node, llist_head* head) {
  return full(head, sim::llist_add(word_of(head), word_of(node), word_of(node), RCUFARM_CALLER));
}
bool llist_add_batch(llist_node* first, llist_node* last, llist_head* head) {
  return full(head, sim::llist_add(word_of(head), word_of(first), word_of(last), RCUFARM_CALLER));
}
llist_node* llist_del_all(llist_head* head) { return node_at(sim::llist_del_all(word_of(head), RCUFARM_CALLER)); }
llist_node* llist_del_first(llist_head* head) { return node_at(sim::llist_del_first(word_of(head), RCUFARM_CALLER)); }
llist_node* llist_reverse_order(llist_node* head) {
  const sim::Site& site = RCUFARM_CALLER;
  llist_node* reversed = nullptr;
  while (head != nullptr) {
    llist_node* next = node_at(sim::plain_load(word_of(head), site));
    sim::plain_store(word_of(head), reinterpret_cast<sim::Word>(reversed), site);
    reversed = head;
    head = next;
  }
  return reversed;
}

bool __llist_add(llist_node* node, llist_head* head) {
  return sim::llist_add_local(word_of(head), word_of(node), RCUFARM_CALLER);
}
bool __llist_add_batch(llist_node* first, llist_node* last, llist_head* head) {
  const sim::Site& site = RCUFARM_CALLER;
  const sim::Word old = sim::plain_load(word_of(head), site);
  sim::plain_store(word_of(last), old, site);
  sim::plain_store(word_of(head), reinterpret_cast<sim::Word>(first), site);
  return old == 0;
}
llist_node* __llist_del_all(llist_head* head) {
  return node_at(sim::llist_del_all_local(word_of(head), RCUFARM_CALLER));
}
}

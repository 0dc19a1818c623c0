// llist.
#include "linux/shim.h"

using namespace rcufarm;
using namespace rcufarm::linux_shim;
using kernel::Order;

namespace {
llist_node* node_at(sim::Word word) { return reinterpret_cast<llist_node*>(word); }
// A read-modify-write of the kernel's is a full barrier, where the machine's list gives one of its halves: under sequential
// consistency the other half is an edge, and under a weak model both sides are fenced. `operation` gives what it found.
template <class Operation>
auto full(llist_head* head, const sim::Site& site, Operation operation) {
  foreign::fence(sim::Fence::full, site);
  const auto found = operation(word_of(head), site);
  foreign::fence(sim::Fence::full, site);
  return found;
}
bool added(llist_head* head, llist_node* first, llist_node* last, const sim::Site& site) {
  return full(head, site, [&](sim::Word* list, const sim::Site& at) {
    const bool was_empty = sim::llist_add(list, word_of(first), word_of(last), at);
    foreign::acquire(list);
    return was_empty;
  });
}
}  // namespace

extern "C" {

void init_llist_head(llist_head* list) {
  foreign::store(&list->first, sizeof(list->first), 0, Order::relaxed, RCUFARM_CALLER);
}
bool llist_empty(const llist_head* head) { return sim::llist_empty(word_of(head), RCUFARM_CALLER); }
bool llist_add(llist_node* node, llist_head* head) { return added(head, node, node, RCUFARM_CALLER); }
bool llist_add_batch(llist_node* first, llist_node* last, llist_head* head) {
  return added(head, first, last, RCUFARM_CALLER);
}
llist_node* llist_del_all(llist_head* head) {
  return node_at(
      full(head, RCUFARM_CALLER, [](sim::Word* list, const sim::Site& at) { return sim::llist_del_all(list, at); }));
}
// Of an empty list it is no barrier in the kernel, and one here.
llist_node* llist_del_first(llist_head* head) {
  return node_at(
      full(head, RCUFARM_CALLER, [](sim::Word* list, const sim::Site& at) { return sim::llist_del_first(list, at); }));
}
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

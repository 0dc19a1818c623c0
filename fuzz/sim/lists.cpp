// llist: the steps of the kernel's lock-free list.
//
// Job: each function as a sequence of steps, with a point before each step that others can tell apart. The loop around
// add's compare-and-exchange is one step here: a failed round changes nothing that anyone could see. del_first's is not,
// since it looks into a node that may be somebody else's by then.
#include "sim/core.h"

namespace rcufarm::sim {

using kernel::Order;

namespace {

struct Step {
  Core& c;
  SiteNumber site;
  Op op;

  // Reads or writes a word that is not the list's head: a node.
  Word read_node(const Word* node) const {
    c.pending[index_of(c.current->id)].address = node;
    Shadow& shadow = c.shadow_of(node);
    c.on_plain_load(shadow, c.here(op));
    c.read_from(shadow, site);
    c.mix(op, shadow);
    if (c.tracing) [[unlikely]]
      c.trace(Op::plain_load, Order::relaxed, node, shadow, *node, 0, shadow.store, 0);
    return *node;
  }
  void write_node(Word* node, Word value) const {
    c.pending[index_of(c.current->id)].address = node;
    Shadow& shadow = c.shadow_of(node);
    c.on_plain_store(shadow, c.here(op));
    c.mix(op, shadow);
    shadow.sync = 0;
    c.new_store(shadow, value, site);
    *node = value;
    if (c.tracing) [[unlikely]]
      c.trace(Op::plain_store, Order::relaxed, node, shadow, value, 0, 0, shadow.store);
  }
  // A read-modify-write of the head.
  Word exchange(Word* head, Word value, bool acquires, bool releases) const {
    c.pending[index_of(c.current->id)].address = head;
    Shadow& shadow = c.shadow_of(head);
    c.on_atomic(shadow, c.here(op == Op::llist_del_first ? Op::atomic_compare_exchange : op), true);
    if (acquires) c.acquire(shadow);
    c.mix(op, shadow);
    c.read_from(shadow, site);
    const std::uint32_t read = shadow.store;
    c.new_store(shadow, value, site);
    if (releases) c.release(shadow);
    const Word old = *head;
    *head = value;
    if (c.tracing) [[unlikely]] {
      const Order order = releases ? Order::release : acquires ? Order::acquire : Order::relaxed;
      c.trace(op, order, head, shadow, value, old, read, shadow.store);
    }
    return old;
  }
  Word load_head(const Word* head, bool acquires) const {
    Shadow& shadow = c.shadow_of(head);
    c.on_atomic(shadow, c.here(Op::atomic_load), false);
    if (acquires) c.acquire(shadow);
    c.mix(op, shadow);
    c.read_from(shadow, site);
    if (c.tracing) [[unlikely]] {
      c.trace(op, acquires ? Order::acquire : Order::relaxed, head, shadow, *head, 0, shadow.store, 0);
    }
    return *head;
  }
};

// Does the chain that begins with `first` have `last` in it? No access of the program's: this is only a look.
bool leads_to(const Core& c, Word first, Word last) {
  Word node = first;
  for (std::uint32_t left = c.memory.object_count(); node != last; --left) {
    if (left == 0 || node == 0) return false;
    const std::size_t offset = c.memory.offset_of(reinterpret_cast<const void*>(node));
    if (offset >= arena_bytes) return true;  // a host's own node: not looked into
    if (c.memory.slot_at(offset).state != SlotState::live) return false;
    node = *reinterpret_cast<const Word*>(node);
  }
  return true;
}

Step step(Op op, bool writes, const void* address, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(op, writes, address, number);
  return Step{c, number, op};
}

}  // namespace

bool llist_empty(const Word* head, const Site& site) {
  return step(Op::llist_empty, false, head, site).load_head(head, false) == 0;
}

bool llist_add(Word* head, Word* first, Word* last, const Site& site) {
  const Step s = step(first == last ? Op::llist_add : Op::llist_add_batch, true, head, site);
  s.c.shadow_of(head);  // alive? Before the node is written
  const auto first_word = reinterpret_cast<Word>(first);
  if (first != last && !leads_to(s.c, first_word, reinterpret_cast<Word>(last))) {
    s.c.accuse(ViolationKind::broken_batch, Party{}, s.c.party_here(s.op), first,
               "the last node of a batch is not in the chain that begins with its first");
  }
  s.write_node(last, *head);
  return s.exchange(head, first_word, false, true) == 0;
}

Word llist_del_all(Word* head, const Site& site) {
  return step(Op::llist_del_all, true, head, site).exchange(head, 0, true, false);
}

Word llist_del_first(Word* head, const Site& site) { return llist_del_first_n(head, 1, site).first; }

Run llist_del_first_n(Word* head, int n, const Site& site) {
  while (true) {
    const Step look = step(Op::llist_del_first, false, head, site);
    Run run{look.load_head(head, true), 0, 0};
    if (run.first == 0) return run;
    Word next = run.first;
    for (; run.count < n && next != 0; ++run.count) {
      run.last = next;
      const auto* node = reinterpret_cast<const Word*>(next);
      next = step(Op::llist_del_first, false, node, site).read_node(node);
    }
    const Step take = step(Op::llist_del_first, true, head, site);
    take.c.shadow_of(head);
    if (*head == run.first) {
      take.exchange(head, next, true, false);
      return run;
    }
    take.load_head(head, false);
  }
}

void llist_set_all(Word* head, Word* first, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::llist_set_all, true, head, number);
  Shadow& shadow = c.shadow_of(head);
  c.on_atomic(shadow, c.here(Op::llist_set_all), true);
  c.mix(Op::llist_set_all, shadow);
  c.new_store(shadow, reinterpret_cast<Word>(first), number);
  c.release_store(shadow);
  *head = reinterpret_cast<Word>(first);
  if (c.tracing) [[unlikely]]
    c.trace(Op::llist_set_all, Order::release, head, shadow, *head, 0, 0, shadow.store);
}

bool llist_add_local(Word* head, Word* node, const Site& site) {
  const Step read = step(Op::llist_add_local, false, head, site);
  const Word first = read.read_node(head);
  read.write_node(node, first);
  step(Op::llist_add_local, true, head, site).write_node(head, reinterpret_cast<Word>(node));
  return first == 0;
}

Word llist_del_all_local(Word* head, const Site& site) {
  const Word first = step(Op::llist_del_all_local, false, head, site).read_node(head);
  step(Op::llist_del_all_local, true, head, site).write_node(head, 0);
  return first;
}

Word llist_del_first_local(Word* head, const Site& site) {
  const Step read = step(Op::llist_del_first_local, false, head, site);
  const Word first = read.read_node(head);
  if (first == 0) return 0;
  const Word next = read.read_node(reinterpret_cast<const Word*>(first));
  step(Op::llist_del_first_local, true, head, site).write_node(head, next);
  return first;
}

}  // namespace rcufarm::sim

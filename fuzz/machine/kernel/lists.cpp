// llist: the steps of the kernel's lock-free list.
//
// Job: each function as a sequence of steps, with a point before each step that others can tell apart. The loop around
// add's compare-and-exchange is one step here: a failed round changes nothing that anyone could see. del_first's is not,
// since it looks into a node that may be somebody else's by then.
#include "machine/kernel/core.h"
#include "machine/memory/perform.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

using kernel::Order;

namespace {

struct ListStep {
  Core& c;
  SiteNumber site;
  Op op;

  // Of a word that is not the list's head: a node.
  [[gnu::noinline]] Word read_node(const Word* node) const {
    return perform_whole_word(
               c, {.op = op, .noted = op, .shown = Op::plain_load, .is_plain = true, .address = node, .site = site})
        .value;
  }
  [[gnu::noinline]] void write_node(Word* node, Word value) const {
    perform_whole_word(c, {.op = op,
                           .noted = op,
                           .shown = Op::plain_store,
                           .effect = Effect::store,
                           .is_plain = true,
                           .address = node,
                           .site = site,
                           .operand = value});
  }
  // A read-modify-write of the head.
  [[gnu::noinline]] Word exchange(Word* head, Word value, Order order) const {
    return perform_whole_word(c, {.op = op,
                                  .noted = op == Op::llist_del_first ? Op::atomic_compare_exchange : op,
                                  .shown = op,
                                  .effect = Effect::exchange,
                                  .order = order,
                                  .address = head,
                                  .site = site,
                                  .operand = value,
                                  .is_newest = op != Op::llist_del_all})
        .value;
  }
  [[gnu::noinline]] Word load_head(const Word* head, Order order) const {
    return perform_whole_word(
               c, {.op = op, .noted = Op::atomic_load, .shown = op, .order = order, .address = head, .site = site})
        .value;
  }
};

// Does the chain that begins with `first` have `last` in it? No access of the program's: this is only a look.
bool leads_to(Core& c, Word first, Word last) {
  Word node = first;
  for (std::uint32_t left = c.memory.object_count(); node != last; --left) {
    if (left == 0 || node == 0) return false;
    const std::size_t offset = c.memory.offset_of(reinterpret_cast<const void*>(node));
    if (offset >= arena_bytes) return true;  // a host's own node: not looked into
    if (c.memory.slot_at(offset).state != SlotState::live) return false;
    if (c.watches_steps) c.touches_word(reinterpret_cast<const void*>(node), false);
    node = *reinterpret_cast<const Word*>(node);
  }
  return true;
}

// What is asked for so often shall stay in the cache of instructions: one copy.
[[gnu::noinline]] ListStep step(Op op, bool writes, const void* address, SiteNumber site) {
  Core& c = core();
  c.point(op, writes, address, site);
  if (c.is_weak) [[unlikely]]
    settle_announced(c);
  return ListStep{c, site, op};
}

ListStep step(Op op, bool writes, const void* address, const Site& site) {
  return step(op, writes, address, core().sites.number_of(site));
}

}  // namespace

bool llist_empty(const Word* head, const Site& site) {
  return step(Op::llist_empty, false, head, site).load_head(head, Order::relaxed) == 0;
}

bool llist_add(Word* head, Word* first, Word* last, const Site& site) {
  const ListStep s = step(first == last ? Op::llist_add : Op::llist_add_batch, true, head, site);
  s.c.shadow_of(head);  // alive? Before the node is written
  const auto first_word = reinterpret_cast<Word>(first);
  if (first != last && !leads_to(s.c, first_word, reinterpret_cast<Word>(last))) {
    s.c.accuse(ViolationKind::broken_batch, Party{}, s.c.party_here(s.op), last,
               "the last node of a batch is not in the chain that begins with its first");
  }
  s.write_node(last, *head);
  return s.exchange(head, first_word, Order::release) == 0;
}

Word llist_del_all(Word* head, const Site& site) {
  return step(Op::llist_del_all, true, head, site).exchange(head, 0, Order::acquire);
}

Word llist_del_first(Word* head, const Site& site) { return llist_del_first_n(head, 1, site).first; }

Run llist_del_first_n(Word* head, int n, const Site& site) {
  while (true) {
    const ListStep look = step(Op::llist_del_first, false, head, site);
    Run run{look.load_head(head, Order::acquire), 0, 0};
    if (run.first == 0) return run;
    Word next = run.first;
    for (; run.count < n && next != 0; ++run.count) {
      run.last = next;
      const auto* node = reinterpret_cast<const Word*>(next);
      next = step(Op::llist_del_first, false, node, look.site).read_node(node);
    }
    const ListStep take = step(Op::llist_del_first, true, head, look.site);
    take.c.shadow_of(head);
    if (*head == run.first) {
      take.exchange(head, next, Order::acquire);
      return run;
    }
    take.load_head(head, Order::relaxed);
  }
}

void llist_set_all(Word* head, Word* first, const Site& site) {
  const ListStep s = step(Op::llist_set_all, true, head, site);
  perform_whole_word(s.c, {.op = s.op,
                           .noted = s.op,
                           .shown = s.op,
                           .effect = Effect::store,
                           .order = Order::release,
                           .address = head,
                           .site = s.site,
                           .operand = reinterpret_cast<Word>(first)});
}

bool llist_add_local(Word* head, Word* node, const Site& site) {
  const ListStep read = step(Op::llist_add_local, false, head, site);
  const Word first = read.read_node(head);
  read.write_node(node, first);
  step(Op::llist_add_local, true, head, read.site).write_node(head, reinterpret_cast<Word>(node));
  return first == 0;
}

Word llist_del_all_local(Word* head, const Site& site) {
  const ListStep read = step(Op::llist_del_all_local, false, head, site);
  const Word first = read.read_node(head);
  step(Op::llist_del_all_local, true, head, read.site).write_node(head, 0);
  return first;
}

Word llist_del_first_local(Word* head, const Site& site) {
  const ListStep read = step(Op::llist_del_first_local, false, head, site);
  const Word first = read.read_node(head);
  if (first == 0) return 0;
  const Word next = read.read_node(reinterpret_cast<const Word*>(first));
  step(Op::llist_del_first_local, true, head, read.site).write_node(head, next);
  return first;
}

}  // namespace rcufarm::sim

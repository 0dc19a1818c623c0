// Grace periods: how deferred objects get from free_rcu and from trimming to the slab.
//
// Job: the two callbacks, and the two places that start them. Callbacks touch a cache only while one of its in-progress
// flags, or the flag of the cache that they came from, is set; alloc/README.md argues from that that destroy is right.
#include "mem/fast_path.h"
#include "mem/mem_cache.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

using kernel::Order;
using kernel::RcuFlavor;

namespace {

// What has to wait for the next grace period before the present one is asked to hurry.
constexpr std::size_t urgent_bytes_min = std::size_t{256} << 10;

kernel::Counter& queued(MemCache& c, RcuFlavor flavor) { return c.counters.callbacks_queued[static_cast<int>(flavor)]; }
kernel::Counter& done(MemCache& c, RcuFlavor flavor) { return c.counters.callbacks_done[static_cast<int>(flavor)]; }

MemCache& cache_of(kernel::RcuHead* head) { return *static_cast<CacheRcuHead*>(head)->cache; }

// In a callback of that flavour: both grace periods are over for everything on waiting_for_gp_ttrace.
void free_waiting_for_gp_ttrace(MemCache& c, RcuFlavor flavor) {
  kernel::LlistNode* chain = nullptr;
  std::int64_t counted = 0;
  {
    const kernel::RawSpinLockGuard lock(c.ttrace_lock);  // against recycle(), see there
    chain = c.waiting_for_gp_ttrace.del_all();
    counted = c.on_list(List::waiting_for_gp_ttrace).read();
    c.on_list(List::waiting_for_gp_ttrace).add_shared(-counted);
  }
  // Who adds to free_by_rcu_ttrace counts before or after its nodes are moved: the other list's count has the rest.
  c.on_list(List::free_by_rcu_ttrace).add_shared(counted - free_all(c, chain));
  done(c, flavor).add_shared(1);
  // Release: pairs with the acquire loads in callbacks_in_flight() (whoever reads 0 may free the cache, so all of the
  // above is over for it, the unlock included) and with the exchange in do_call_rcu_ttrace(). Nothing may follow.
  c.call_rcu_ttrace_in_progress.store(0, Order::release);
}

// Callback: the regular grace period behind the tasks-trace one is over.
void free_after_both(kernel::RcuHead* head) { free_waiting_for_gp_ttrace(cache_of(head), RcuFlavor::regular); }

// Callback: the tasks-trace grace period is over; a regular one may still be due.
void free_after_rcu_gp(kernel::RcuHead* head) {
  MemCache& c = cache_of(head);
  if (kernel::rcu_trace_implies_rcu_gp()) {
    free_waiting_for_gp_ttrace(c, RcuFlavor::tasks_trace);
  } else {
    done(c, RcuFlavor::tasks_trace).add_shared(1);
    queued(c, RcuFlavor::regular).add_shared(1);
    kernel::call_rcu(RcuFlavor::regular, head, &free_after_both);
  }
}

// Callback: the regular grace period is over for what free_rcu collected. It goes to the cache that the last free's
// object came from, and waits for the tasks-trace grace period there.
void free_by_rcu_callback(kernel::RcuHead* head) {
  MemCache& c = cache_of(head);
  MemCache& tgt = *c.tgt.load(Order::relaxed);
  if (kernel::LlistNode* chain = c.waiting_for_gp.del_all(); chain != nullptr) {
    const int count = c.waiting_for_gp_cnt.get();
    c.on_list(List::waiting_for_gp).add_shared(-count);
    tgt.on_list(List::free_by_rcu_ttrace).add_shared(count);
    tgt.free_by_rcu_ttrace.add_batch(chain, c.waiting_for_gp_tail.get());
    do_call_rcu_ttrace(tgt);
  }
  done(c, RcuFlavor::regular).add_shared(1);
  // Release: pairs with the acquire loads of the first pass of callbacks_in_flight(). Whoever reads this 0 sees tgt's
  // flag as do_call_rcu_ttrace() left it: the flags never both look clear while objects are on their way. Nothing may
  // follow.
  c.call_rcu_in_progress.store(0, Order::release);
}

// Folds free_llist_extra_rcu into free_by_rcu.
void drain_free_llist_extra_rcu(MemCache& c) {
  if (c.free_llist_extra_rcu.empty()) return;
  int count = 0;
  kernel::LlistNode* node = c.free_llist_extra_rcu.del_all();
  while (node != nullptr) {
    kernel::LlistNode* next = node->next.get();
    // `active`: an nmi's free_rcu in the middle of this has to go to the extra list, not half-way into free_by_rcu.
    const kernel::IrqGuard irq_off;
    const ActiveGuard active(c);
    if (c.free_by_rcu.add_local(node)) c.free_by_rcu_tail.set(node);
    c.free_by_rcu_cnt.set(c.free_by_rcu_cnt.get() + 1);
    node = next;
    ++count;
  }
  c.on_list(List::free_llist_extra_rcu).add_shared(-count);
  c.on_list(List::free_by_rcu).add_shared(count);
}

// Moves free_by_rcu to waiting_for_gp, which is empty and ours since call_rcu_in_progress is.
void move_to_waiting_for_gp(MemCache& c) {
  kernel::LlistNode* chain = nullptr;
  {
    const kernel::IrqGuard irq_off;
    const ActiveGuard active(c);  // an nmi's free_rcu must not meet the list half-way
    chain = c.free_by_rcu.del_all_local();
    c.waiting_for_gp_tail.set(c.free_by_rcu_tail.get());
    c.waiting_for_gp_cnt.set(c.free_by_rcu_cnt.get());
    c.free_by_rcu_cnt.set(0);
  }
  c.on_list(List::free_by_rcu).add_shared(-c.waiting_for_gp_cnt.get());
  c.on_list(List::waiting_for_gp).add_shared(c.waiting_for_gp_cnt.get());
  c.waiting_for_gp.set_all(chain);
}

}  // namespace

void do_call_rcu_ttrace(MemCache& c) {
  // Acquire: pairs with the callback's release, so the list that it emptied is seen empty. Release: pairs with the
  // acquire loads in callbacks_in_flight(). If a callback is in flight, then what was just added stays on
  // free_by_rcu_ttrace: for refill to take, for the next call here, or for destroy, which drains after all callbacks.
  if (c.call_rcu_ttrace_in_progress.exchange(1, Order::acq_rel) != 0) return;
  {
    const kernel::RawSpinLockGuard lock(c.ttrace_lock);  // against recycle(), see there
    kernel::warn_on(!c.waiting_for_gp_ttrace.empty(), "do_call_rcu_ttrace: waiting_for_gp_ttrace is not empty");
    kernel::LlistNode* chain = c.free_by_rcu_ttrace.del_all();
    const std::int64_t count = c.objects_on(List::free_by_rcu_ttrace);
    c.on_list(List::free_by_rcu_ttrace).add_shared(-count);
    c.on_list(List::waiting_for_gp_ttrace).add_shared(count);
    c.waiting_for_gp_ttrace.set_all(chain);
  }
  queued(c, RcuFlavor::tasks_trace).add_shared(1);
  kernel::call_rcu(RcuFlavor::tasks_trace, &c.rcu_ttrace, &free_after_rcu_gp);
}

void check_free_by_rcu(MemCache& c) {
  if (c.free_by_rcu.empty() && c.free_llist_extra_rcu.empty()) return;
  drain_free_llist_extra_rcu(c);
  // Acquire: pairs with the callback's release, so waiting_for_gp and its tail are ours. Release: for destroy, as above.
  if (c.call_rcu_in_progress.exchange(1, Order::acq_rel) != 0) {
    // One grace period at a time. Rather than have more of them, ask that this one be pushed on when much waits for the
    // next: a tight loop of free_rcu fills memory in no time otherwise (the seed: 2 GB against 150 MB in an artificial
    // benchmark). When little waits, hurrying costs more than it saves.
    const std::size_t waiting = static_cast<std::size_t>(c.free_by_rcu_cnt.get()) * c.shape.object_bytes();
    if (waiting >= urgent_bytes_min) kernel::rcu_request_urgent_qs();
    return;
  }
  kernel::warn_on(!c.waiting_for_gp.empty(), "check_free_by_rcu: waiting_for_gp is not empty");
  move_to_waiting_for_gp(c);
  queued(c, RcuFlavor::regular).add_shared(1);
  kernel::call_rcu_hurry(RcuFlavor::regular, &c.rcu, &free_by_rcu_callback);
}

void drain_mem_cache(MemCache& c) {
  free_all(c, c.free_llist.del_all_local());
  free_all(c, c.free_llist_extra.del_all());
  free_all(c, c.free_by_rcu.del_all_local());
  free_all(c, c.free_llist_extra_rcu.del_all());
  free_all(c, c.waiting_for_gp.del_all());
  free_all(c, c.free_by_rcu_ttrace.del_all());
  free_all(c, c.waiting_for_gp_ttrace.del_all());
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem

// Refill and trim: the irq_work of a cache, and what feeds it.
//
// Job: keep free_llist between its watermarks, fold in what was freed over other operations, and start grace periods.
// Runs as irq_work on the cache's own CPU (interrupts off; an nmi may come over it), and once in init before the cache
// is known to anybody.
#include "mem/fast_path.h"
#include "mem/mem_cache.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

using kernel::Order;

namespace {

struct PercpuObject : ObjectHeader {
  kernel::Plain<void*> instances;
};

// Nodes that nobody else has.
struct Chain : kernel::LlistRun<kernel::LlistNode> {
  void push(kernel::LlistNode* node) { push({node, node, 1}); }
  void push(const kernel::LlistRun<kernel::LlistNode>& run) {
    if (run.first == nullptr) return;
    run.last->next.set(first);
    first = run.first;
    if (last == nullptr) last = run.last;
    count += run.count;
  }
};

// All of them in one short step, so that an nmi finds `active` taken for no longer than it takes for one.
void add_to_free_llist(MemCache& c, const Chain& chain) {
  if (chain.first == nullptr) return;
  const kernel::IrqGuard irq_off;
  const ActiveGuard active(c);
  // Only a context that came over an operation can find it taken, and this one came over none.
  kernel::warn_on(!active, "add_to_free_llist: active is taken");
  c.free_llist.add_batch(chain.first, chain.last);
  c.put.set(c.put.get() + chain.count);
  c.counters.refilled.add(chain.count);
}

// Takes objects back from one of the tasks-trace lists until the chain has `count`, all of them in one
// compare-and-exchange: one each would cost more than all the rest of their way through the allocator.
//
// Lock: del_first_n reads the nodes behind the first. Without the lock a callback's del_all could take the whole list
// meanwhile and free those nodes, which we would read then; or a node could leave and come back with another neighbour
// before the compare-and-exchange, which would succeed and corrupt the list. All who take hold it; who adds need not.
void recycle(MemCache& c, kernel::LlistHead& from, List list, int count, Chain& chain) {
  kernel::LlistRun<kernel::LlistNode> taken;
  {
    const kernel::RawSpinLockGuard lock(c.ttrace_lock);
    taken = from.del_first_n(count - chain.count);
    // Before the unlock: do_call_rcu_ttrace() moves the count with the list.
    if (taken.count > 0) c.on_list(list).add_shared(-taken.count);
  }
  chain.push(taken);
}

// Folds free_llist_extra into free_llist: a free makes the object reusable by this CPU at once.
void drain_free_llist_extra(MemCache& c) {
  if (c.free_llist_extra.empty()) return;
  Chain chain;
  for (kernel::LlistNode* node = c.free_llist_extra.del_all(); node != nullptr;) {
    kernel::LlistNode* next = node->next.get();
    chain.push(node);
    node = next;
  }
  c.on_list(List::free_llist_extra).add_shared(-chain.count);
  add_to_free_llist(c, chain);
}

// Trims free_llist to the middle between the watermarks; the surplus goes to the cache it came from.
void free_bulk(MemCache& c) {
  MemCache* tgt = c.tgt.load(Order::relaxed);
  kernel::warn_on(tgt->shape.unit_size != c.shape.unit_size, "free_bulk: tgt is a cache of another size");
  const auto keep = static_cast<int>(c.shape.high_watermark + c.shape.low_watermark) / 2;
  kernel::LlistRun<kernel::LlistNode> surplus;
  {
    // `active`: an nmi's alloc or free in the middle of this would change the nodes that del_first_n has looked at.
    const kernel::IrqGuard irq_off;
    const ActiveGuard active(c);
    if (c.free_cnt() > keep) surplus = c.free_llist.del_first_n(c.free_cnt() - keep);
    c.taken.set(c.taken.get() + surplus.count);
    c.counters.trimmed.add(surplus.count);
  }
  if (surplus.count == 0) return;
  tgt->on_list(List::free_by_rcu_ttrace).add_shared(surplus.count);
  tgt->free_by_rcu_ttrace.add_batch(surplus.first, surplus.last);
  do_call_rcu_ttrace(*tgt);
}

void bpf_mem_refill(kernel::IrqWork* work) {
  MemCache& c = *static_cast<RefillWork*>(work)->cache;
  drain_free_llist_extra(c);
  const int cnt = c.free_cnt();
  if (cnt < c.shape.low_watermark) {
    c.counters.refills.add_shared(1);
    alloc_bulk(c, c.shape.batch, kernel::smp_processor_id(), kernel::Gfp::nowait);
  } else if (cnt > c.shape.high_watermark) {
    c.counters.trims.add_shared(1);
    free_bulk(c);
  }
  check_free_by_rcu(c);
  // What was added while a tasks-trace callback was in flight has nobody to start its grace period: this does, at the
  // latest, so that deferred objects cannot pile up while the cache is in use.
  if (!c.free_by_rcu_ttrace.empty()) do_call_rcu_ttrace(c);
}

}  // namespace

CacheShape CacheShape::of(int unit_size, int percpu_size, int class_index) {
  CacheShape s;
  s.unit_size = unit_size;
  s.percpu_size = percpu_size;
  s.class_index = class_index;
  if (percpu_size != 0) {
    s.low_watermark = 1;
    s.high_watermark = 3;
  } else if (unit_size <= 256) {
    s.low_watermark = 32;
    s.high_watermark = 96;
  } else {
    // The same bytes in fewer and larger objects.
    const auto at_least = [](int n, int least) { return n < least ? least : n; };
    s.low_watermark = at_least(32 * 256 / unit_size, 1);
    s.high_watermark = at_least(96 * 256 / unit_size, 3);
  }
  s.batch = static_cast<int>(s.high_watermark - s.low_watermark) / 4 * 3;
  if (s.batch < 1) s.batch = 1;
  return s;
}

void MemCache::init(const CacheShape& new_shape, kernel::ObjCgroup* new_objcg, kernel::Cpu cpu) {
  shape = new_shape;
  objcg = new_objcg;
  tgt.store(this, Order::relaxed);  // relaxed: the cache is published after init
  refill_work.cache = rcu.cache = rcu_ttrace.cache = this;
  refill_work.init(&bpf_mem_refill);
  // Enough for a first program that runs with interrupts off and so cannot have irq_work refill for it.
  alloc_bulk(*this, shape.prefill(), cpu, kernel::Gfp::kernel);
}

void irq_work_raise(MemCache& c) noexcept { kernel::irq_work_queue(&c.refill_work); }

void count_null(MemCache& c, NullCause cause) { c.counters.nulls[static_cast<int>(cause)].add_shared(1); }

NullCause cause_of_empty(const MemCache& c) { return cause_of(c.refill_failure.get()); }

NullCause cause_of(kernel::AllocFailure failure) {
  switch (failure) {
    case kernel::AllocFailure::none: return NullCause::empty;
    case kernel::AllocFailure::slab: return NullCause::slab;
    case kernel::AllocFailure::cgroup: return NullCause::cgroup;
  }
  return NullCause::empty;
}

// Atomic adds, although the lists are this CPU's own: an nmi may come over an add and add as well.
void free_extra(MemCache& c, ObjectHeader* object) {
  c.on_list(List::free_llist_extra).add_shared(1);
  c.counters.frees_extra.add_shared(1);
  c.free_llist_extra.add(object);
  irq_work_raise(c);
}

void free_rcu_extra(MemCache& c, ObjectHeader* object) {
  c.on_list(List::free_llist_extra_rcu).add_shared(1);
  c.counters.frees_extra_rcu.add_shared(1);
  c.free_llist_extra_rcu.add(object);
}

ObjectHeader* slab_alloc(MemCache& c, kernel::Cpu node, kernel::Gfp gfp, kernel::AllocFailure& why) {
  void* memory = kernel::kmalloc_node(c.shape.slab_bytes(), gfp, node, c.objcg, why);
  if (memory == nullptr) return nullptr;
  if (c.shape.percpu_size != 0) {
    void* instances = kernel::alloc_percpu(static_cast<std::size_t>(c.shape.unit_size), gfp, c.objcg, why);
    if (instances == nullptr) {
      kernel::kfree(memory);
      return nullptr;
    }
    static_cast<PercpuObject*>(memory)->instances.set(instances);
  }
  c.counters.from_slab.add_shared(1);
  return static_cast<ObjectHeader*>(memory);
}

void alloc_bulk(MemCache& c, int count, kernel::Cpu node, kernel::Gfp gfp) {
  Chain chain;
  recycle(c, c.free_by_rcu_ttrace, List::free_by_rcu_ttrace, count, chain);
  // These wait for a tasks-trace grace period before they may go to the slab; to be used again they need not wait.
  if (chain.count < count) recycle(c, c.waiting_for_gp_ttrace, List::waiting_for_gp_ttrace, count, chain);
  kernel::AllocFailure why = kernel::AllocFailure::none;
  while (chain.count < count) {
    ObjectHeader* object = slab_alloc(c, node, gfp, why);
    if (object == nullptr) break;
    chain.push(object);
  }
  c.refill_failure.set(chain.count < count ? why : kernel::AllocFailure::none);
  add_to_free_llist(c, chain);
}

int free_all(MemCache& c, kernel::LlistNode* chain) {
  int count = 0;
  while (chain != nullptr) {
    kernel::LlistNode* next = chain->next.get();
    if (c.shape.percpu_size != 0) kernel::free_percpu(static_cast<PercpuObject*>(chain)->instances.get());
    kernel::kfree(chain);
    chain = next;
    ++count;
  }
  c.counters.to_slab.add_shared(count);
  return count;
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem

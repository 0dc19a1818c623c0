// The kernel interface, part two: what a port has to provide, checked at compile time.
//
// Job: refuse a port that lacks an operation or gives it another shape. No code and no state. The behaviour behind the
// shapes (legal contexts, happens-before edges) is in README.md beside this file, and in each port's tests.
#pragma once

#include <concepts>
#include <type_traits>

#include "kernel/types.h"

namespace rcufarm::kernel {

// An atomic object. Loads take relaxed, acquire or seq_cst; stores relaxed, release or seq_cst.
template <class A, class T>
concept AtomicObject = requires(A a, const A ca, T value, Order order) {
  { ca.load(order) } -> std::same_as<T>;
  { a.store(value, order) } -> std::same_as<void>;
  { a.exchange(value, order) } -> std::same_as<T>;
  { a.compare_exchange(value, value, order) } -> std::same_as<bool>;  // (expected, desired, order)
};

// A plain shared field: several contexts touch it, and something else keeps them apart.
template <class P, class T>
concept PlainObject = std::constructible_from<P, T> && requires(P p, const P cp, T value) {
  { cp.get() } -> std::same_as<T>;
  { p.set(value) } -> std::same_as<void>;
};

// A field that only the contexts of one CPU touch (task, irq, nmi over each other; the kernel's local_t). Its accesses
// stay in program order, and the accesses around them on their side of it, for every context of that CPU.
template <class L, class T>
concept LocalObject = requires(L l, const L cl, T value) {
  { cl.get() } -> std::same_as<T>;
  { l.set(value) } -> std::same_as<void>;
  { cl.peek() } -> std::same_as<T>;  // for statistics, from anywhere: a value that it had; orders nothing
};

// A statistic: no scheduling point, no happens-before edge. `add` has one writer at a time, `add_shared` many.
template <class C>
concept StatCounter = requires(C c, const C cc, std::int64_t n) {
  { c.add(n) } -> std::same_as<void>;
  { c.add_shared(n) } -> std::same_as<void>;
  { cc.read() } -> std::same_as<std::int64_t>;
};

// A lock-free singly linked list. The *_local forms are for a list that only one context touches at a time.
template <class L, class N>
concept Llist = requires(L list, const L clist, N* node, int n) {
  { node->next.get() } -> std::same_as<N*>;
  { clist.empty() } -> std::same_as<bool>;
  { list.add(node) } -> std::same_as<bool>;              // true: it was empty before
  { list.add_batch(node, node) } -> std::same_as<bool>;  // (first, last)
  { list.del_all() } -> std::same_as<N*>;
  { list.del_first() } -> std::same_as<N*>;              // consumers must be kept apart by a lock
  { list.del_first_n(n) } -> std::same_as<LlistRun<N>>;  // the same, up to n nodes at once, n >= 1
  { list.set_all(node) } -> std::same_as<void>;          // an empty list nobody adds to takes a whole chain
  { list.add_local(node) } -> std::same_as<bool>;
  { list.del_all_local() } -> std::same_as<N*>;
  { list.del_first_local() } -> std::same_as<N*>;
};

// One T for each CPU, in memory of the machine that made it.
template <class P, class T>
concept PerCpuObject = std::default_initializable<P> &&
    requires(P p, const P cp, Cpu cpu, Gfp gfp, const void* address) {
  { P::create(gfp) } -> std::same_as<P>;  // false when out of memory; the T are value-initialised
  { static_cast<bool>(cp) } -> std::same_as<bool>;
  { cp.on(cpu) } -> std::same_as<T&>;
  { cp.this_cpu() } -> std::same_as<T&>;
  { cp.contains(address) } -> std::same_as<bool>;  // is the address inside one of the T?
  { p.destroy() } -> std::same_as<void>;
};

static_assert(AtomicObject<Atomic<int>, int> && AtomicObject<Atomic<void*>, void*>);
static_assert(PlainObject<Plain<int>, int> && PlainObject<Plain<void*>, void*> && PlainObject<Plain<bool>, bool>);
static_assert(LocalObject<Local<bool>, bool>);
static_assert(StatCounter<Counter>);
static_assert(Llist<LlistHead, LlistNode>);
static_assert(PerCpuObject<PerCpu<int>, int>);
static_assert(std::is_trivially_default_constructible_v<LlistNode> || std::default_initializable<LlistNode>);
// An object's first word is its list node while it is free: the word must be a pointer's size on every kernel.
static_assert(sizeof(LlistNode) == sizeof(void*));

// RAII: interrupts of this CPU are off while it lives; the last one to leave runs the irq_work that waits.
static_assert(std::default_initializable<IrqGuard> && !std::is_copy_constructible_v<IrqGuard>);
// RAII: interrupts off for a few steps that call nothing. At its end it may leave irq_work waiting and say so through its
// argument; then the user runs it, by an IrqGuard, when it is done.
static_assert(std::constructible_from<ShortIrqGuard, bool&> && !std::is_copy_constructible_v<ShortIrqGuard>);
// RAII: interrupts off, and the lock held.
static_assert(std::default_initializable<RawSpinLock>);
static_assert(std::constructible_from<RawSpinLockGuard, RawSpinLock&> &&
              !std::is_copy_constructible_v<RawSpinLockGuard>);
// RAII: a read section of one flavour. Sections nest.
static_assert(std::constructible_from<ReadSection, RcuFlavor> && !std::is_copy_constructible_v<ReadSection>);

// Work items embed what the kernel needs to queue them; a user derives from them to find its own data again.
using RcuCallback = void (*)(RcuHead*);
using IrqWorkFunction = void (*)(IrqWork*);
using WorkFunction = void (*)(WorkStruct*);

template <class Head = RcuHead, class Irq = IrqWork, class Work = WorkStruct, class Group = ObjCgroup>
concept KernelFunctions = requires(Head* head, RcuCallback callback, RcuFlavor flavor, Irq* irq_work,
                                   IrqWorkFunction irq_function, Work* work, WorkFunction work_function, Group* objcg,
                                   void* p, const void* cp, std::size_t bytes, Gfp gfp, Cpu cpu, AllocFailure& why,
                                   const Misuse& misuse, const char* text, bool condition) {
  { smp_processor_id() } -> std::same_as<Cpu>;
  { nr_cpus() } -> std::same_as<unsigned>;
  { cpu_relax() } -> std::same_as<void>;

  irq_work->init(irq_function);
  { irq_work_queue(irq_work) } -> std::same_as<bool>;  // false: it was queued already
  { irq_work_sync(irq_work) } -> std::same_as<void>;

  { call_rcu(flavor, head, callback) } -> std::same_as<void>;
  { call_rcu_hurry(flavor, head, callback) } -> std::same_as<void>;
  { synchronize_rcu(flavor) } -> std::same_as<void>;
  { rcu_barrier(flavor) } -> std::same_as<void>;
  { rcu_trace_implies_rcu_gp() } -> std::same_as<bool>;
  { rcu_request_urgent_qs() } -> std::same_as<void>;

  { kmalloc_node(bytes, gfp, cpu, objcg, why) } -> std::same_as<void*>;
  { kfree(p) } -> std::same_as<void>;
  { ksize(cp) } -> std::same_as<std::size_t>;
  { alloc_percpu(bytes, gfp, objcg, why) } -> std::same_as<void*>;
  { free_percpu(p) } -> std::same_as<void>;
  { per_cpu_ptr(p, cpu) } -> std::same_as<void*>;
  { get_obj_cgroup_from_current() } -> std::same_as<Group*>;
  { obj_cgroup_put(objcg) } -> std::same_as<void>;

  work->init(work_function);
  { queue_work(work) } -> std::same_as<void>;

  { warn_on(condition, text) } -> std::same_as<bool>;  // gives the condition back
  { report_misuse(misuse) } -> std::same_as<void>;
};
static_assert(KernelFunctions<>);

}  // namespace rcufarm::kernel

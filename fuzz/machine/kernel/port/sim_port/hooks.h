// What the port asks of the machine.
//
// Job: declare the operations behind the port's types. Words are 64 bits wide, each its own: the machine reads and
// writes them, so that code under test touches no shared memory itself. Called by the port only, in a run; outside a
// run they abort with a text that says so. `address` is the port's object, by which the machine knows it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/types.h"
#include "sim_port/site.h"

namespace rcufarm::sim {

using Word = std::uint64_t;

// Atomic, Plain, Local: a scheduling point each, and then the access, which is a call of its own: where another context has gone on
// between the two, a processor has to guess one return, not two. Counter: no point and no edge, but an access to memory. Nearly
// all that the code under test does is this, so the place goes over in three registers: a Site would be put together on the stack
// each time.
enum class WordOp : std::uint8_t {
  load,
  store,
  exchange,
  compare_exchange,
  plain_load,
  plain_store,
  local_load,
  local_store
};

namespace at {
using File = const char*;
using Function = const char*;
using Line = std::uint32_t;
void point(WordOp op, const Word* word, File, Function, Line);
void counter_access(const void* counter, bool writes, File, Function, Line);
}  // namespace at

// Behind their point.
namespace now {
Word atomic_load(const Word* word, kernel::Order order);
void atomic_store(Word* word, Word value, kernel::Order order);
Word atomic_exchange(Word* word, Word value, kernel::Order order);
bool atomic_compare_exchange(Word* word, Word expected, Word desired, kernel::Order order);
Word plain_load(const Word* word);
void plain_store(Word* word, Word value);
Word local_load(const Word* word);
void local_store(Word* word, Word value);
}  // namespace now

[[gnu::always_inline]] inline Word atomic_load(const Word* word, kernel::Order order, const Site& s) {
  at::point(WordOp::load, word, s.file, s.function, s.line);
  return now::atomic_load(word, order);
}
[[gnu::always_inline]] inline void atomic_store(Word* word, Word value, kernel::Order order, const Site& s) {
  at::point(WordOp::store, word, s.file, s.function, s.line);
  now::atomic_store(word, value, order);
}
[[gnu::always_inline]] inline Word atomic_exchange(Word* word, Word value, kernel::Order order, const Site& s) {
  at::point(WordOp::exchange, word, s.file, s.function, s.line);
  return now::atomic_exchange(word, value, order);
}
[[gnu::always_inline]] inline bool atomic_compare_exchange(Word* word, Word expected, Word desired, kernel::Order order,
                                                           const Site& s) {
  at::point(WordOp::compare_exchange, word, s.file, s.function, s.line);
  return now::atomic_compare_exchange(word, expected, desired, order);
}
[[gnu::always_inline]] inline Word plain_load(const Word* word, const Site& s) {
  at::point(WordOp::plain_load, word, s.file, s.function, s.line);
  return now::plain_load(word);
}
[[gnu::always_inline]] inline void plain_store(Word* word, Word value, const Site& s) {
  at::point(WordOp::plain_store, word, s.file, s.function, s.line);
  now::plain_store(word, value);
}
[[gnu::always_inline]] inline Word local_load(const Word* word, const Site& s) {
  at::point(WordOp::local_load, word, s.file, s.function, s.line);
  return now::local_load(word);
}
[[gnu::always_inline]] inline void local_store(Word* word, Word value, const Site& s) {
  at::point(WordOp::local_store, word, s.file, s.function, s.line);
  now::local_store(word, value);
}
[[gnu::always_inline]] inline void counter_access(const void* counter, bool writes, const Site& s) {
  at::counter_access(counter, writes, s.file, s.function, s.line);
}

// llist: `head` holds a node's address; a node begins with the word that holds the next one's. What is returned is an
// address too.
bool llist_empty(const Word* head, const Site& site);
bool llist_add(Word* head, Word* first, Word* last, const Site& site);
Word llist_del_all(Word* head, const Site& site);
Word llist_del_first(Word* head, const Site& site);
// The addresses of the first and the last of up to n nodes, n >= 1, and how many they are.
struct Run {
  Word first = 0;
  Word last = 0;
  int count = 0;
};
Run llist_del_first_n(Word* head, int n, const Site& site);
void llist_set_all(Word* head, Word* first, const Site& site);
bool llist_add_local(Word* head, Word* node, const Site& site);
Word llist_del_all_local(Word* head, const Site& site);
Word llist_del_first_local(Word* head, const Site& site);

// Interrupts of this CPU, and locks. `word` is 0 while the lock is free.
void irq_off(const Site& site);
void irq_on(const Site& site);
void lock(Word* word, const Site& site);
// Where it is held, by whomever, false. In an nmi, too.
bool try_lock(Word* word, const Site& site);
void unlock(Word* word, const Site& site);

// What the machine keeps of an item that it runs later: the item's first word by which it is known, and its function,
// which only the port can call (`invoke`), since only the port knows its type.
struct Invocation {
  void (*function)() = nullptr;
  void (*invoke)(void (*function)(), Word* word) = nullptr;
};

// irq_work: `word` is the machine's.
bool irq_work_queue(Word* word, Invocation invocation, const Site& site);
void irq_work_sync(Word* word, const Site& site);

// RCU.
void read_lock(kernel::RcuFlavor flavor, const Site& site);
void read_unlock(kernel::RcuFlavor flavor, const Site& site);
void call_rcu(kernel::RcuFlavor flavor, Word* head, Invocation invocation, bool hurry, const Site& site);
void synchronize_rcu(kernel::RcuFlavor flavor, const Site& site);
void rcu_barrier(kernel::RcuFlavor flavor, const Site& site);
bool trace_implies_rcu_gp();
void request_urgent_qs(const Site& site);

// Slab, per-CPU memory, object cgroup.
void* slab_alloc(std::size_t bytes, kernel::Gfp gfp, bool charge, kernel::AllocFailure& why, const Site& site);
void slab_free(void* object, const Site& site);
std::size_t slab_size(const void* object);
void* percpu_alloc(std::size_t bytes, kernel::Gfp gfp, bool charge, kernel::AllocFailure& why, const Site& site);
void percpu_free(void* memory, const Site& site);
void* percpu_of(void* memory, unsigned cpu);
// Memory for one T per CPU; `stride` says how far apart they are. Null: none to be had.
void* caches_alloc(std::size_t bytes_each, std::size_t& stride, kernel::Gfp gfp, const Site& site);
void caches_free(void* memory, const Site& site);
bool objcg_get(const Site& site);
void objcg_put(const Site& site);

// The rest.
unsigned this_cpu();
unsigned cpu_count();
void cpu_relax(const Site& site);
void queue_work(Word* work, Invocation invocation, const Site& site);
void warn(const char* text, const Site& site);
void misuse(const char* call, const char* what, const void* object, const Site& site);

}  // namespace rcufarm::sim

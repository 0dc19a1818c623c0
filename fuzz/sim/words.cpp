// Atomic, Plain, Local: what their methods do.
//
// Job: for each operation its point, its check, its edge, and the word itself. Called through the port.
#include "sim/core.h"

namespace rcufarm::sim {

using kernel::Order;

namespace {

Word plain_read(Op op, const Word* word, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(op, false, word, number);
  Shadow& shadow = c.shadow_of(word);
  c.on_plain_load(shadow, c.here(op));
  c.mix(op, shadow);
  c.read_from(shadow, number);
  if (c.tracing) [[unlikely]]
    c.trace(op, Order::relaxed, word, shadow, *word, 0, shadow.store, 0);
  return *word;
}

void plain_write(Op op, Word* word, Word value, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(op, true, word, number);
  Shadow& shadow = c.shadow_of(word);
  c.on_plain_store(shadow, c.here(op));
  c.mix(op, shadow);
  shadow.sync = 0;
  c.new_store(shadow, value, number);
  *word = value;
  if (c.tracing) [[unlikely]]
    c.trace(op, Order::relaxed, word, shadow, value, 0, 0, shadow.store);
}

}  // namespace

// Between two points: whoever frees the memory at the same time does it before the one or after the other.
void counter_access(const void* counter, bool writes, const Site& site) {
  Core& c = core();
  c.current->site = c.sites.number_of(site);
  c.pending[index_of(c.current->id)].address = counter;
  c.on_atomic(c.shadow_of(counter), c.here(writes ? Op::atomic_exchange : Op::atomic_load), writes);
}

Word atomic_load(const Word* word, Order order, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::atomic_load, false, word, number);
  Shadow& shadow = c.shadow_of(word);
  c.on_atomic(shadow, c.here(Op::atomic_load), false);
  if (acquires(order)) c.acquire(shadow);
  c.mix(Op::atomic_load, shadow);
  c.read_from(shadow, number);
  if (c.tracing) [[unlikely]]
    c.trace(Op::atomic_load, order, word, shadow, *word, 0, shadow.store, 0);
  return *word;
}

void atomic_store(Word* word, Word value, Order order, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::atomic_store, true, word, number);
  Shadow& shadow = c.shadow_of(word);
  c.on_atomic(shadow, c.here(Op::atomic_store), true);
  c.mix(Op::atomic_store, shadow);
  c.new_store(shadow, value, number);
  if (releases(order)) {
    c.release_store(shadow);
  } else {
    shadow.sync = 0;  // whoever reads this store reads no release
  }
  *word = value;
  if (c.tracing) [[unlikely]]
    c.trace(Op::atomic_store, order, word, shadow, value, 0, 0, shadow.store);
}

Word atomic_exchange(Word* word, Word value, Order order, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::atomic_exchange, true, word, number);
  Shadow& shadow = c.shadow_of(word);
  c.on_atomic(shadow, c.here(Op::atomic_exchange), true);
  if (acquires(order)) c.acquire(shadow);
  c.mix(Op::atomic_exchange, shadow);
  c.read_from(shadow, number);
  const std::uint32_t read = shadow.store;
  c.new_store(shadow, value, number);
  if (releases(order)) c.release(shadow);
  const Word old = *word;
  *word = value;
  if (c.tracing) [[unlikely]]
    c.trace(Op::atomic_exchange, order, word, shadow, value, old, read, shadow.store);
  return old;
}

bool atomic_compare_exchange(Word* word, Word expected, Word desired, Order order, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::atomic_compare_exchange, true, word, number);
  Shadow& shadow = c.shadow_of(word);
  const Word old = *word;
  const bool succeeds = old == expected;
  // One that fails is a load.
  c.on_atomic(shadow, c.here(succeeds ? Op::atomic_compare_exchange : Op::atomic_load), succeeds);
  if (acquires(order)) c.acquire(shadow);
  c.mix(Op::atomic_compare_exchange, shadow);
  c.read_from(shadow, number);
  const std::uint32_t read = shadow.store;
  if (succeeds) {
    c.new_store(shadow, desired, number);
    if (releases(order)) c.release(shadow);
    *word = desired;
  }
  if (c.tracing) [[unlikely]] {
    c.trace(Op::atomic_compare_exchange, order, word, shadow, desired, old, read, succeeds ? shadow.store : 0);
  }
  return succeeds;
}

Word plain_load(const Word* word, const Site& site) { return plain_read(Op::plain_load, word, site); }
void plain_store(Word* word, Word value, const Site& site) { plain_write(Op::plain_store, word, value, site); }
Word local_load(const Word* word, const Site& site) { return plain_read(Op::local_load, word, site); }
void local_store(Word* word, Word value, const Site& site) { plain_write(Op::local_store, word, value, site); }

}  // namespace rcufarm::sim

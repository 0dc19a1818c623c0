// Marked accesses, fences, read-modify-writes, local_t.
#include "linux/shim.h"

using namespace rcufarm;
using namespace rcufarm::linux_shim;
using kernel::Order;

namespace {
Order order_of(rcufarm_order order) {
  switch (order) {
    case rcufarm_relaxed: return Order::relaxed;
    case rcufarm_acquire: return Order::acquire;
    case rcufarm_release: return Order::release;
    case rcufarm_full: return Order::seq_cst;
  }
  return Order::seq_cst;
}
sim::Fence fence_of(enum rcufarm_fence kind) {
  switch (kind) {
    case rcufarm_fence_full: return sim::Fence::full;
    case rcufarm_fence_read: return sim::Fence::read;
    case rcufarm_fence_write: return sim::Fence::write;
  }
  return sim::Fence::full;
}
const void* plain(const volatile void* p) { return const_cast<const void*>(p); }
void* plain(volatile void* p) { return const_cast<void*>(p); }
}  // namespace

extern "C" {

unsigned long rcufarm_read_once(const volatile void* p, unsigned bytes) {
  return foreign::load(plain(p), bytes, Order::relaxed, RCUFARM_CALLER);
}
void rcufarm_write_once(volatile void* p, unsigned bytes, unsigned long value) {
  foreign::store(plain(p), bytes, value, Order::relaxed, RCUFARM_CALLER);
}
unsigned long rcufarm_load_acquire(const volatile void* p, unsigned bytes) {
  return foreign::load(plain(p), bytes, Order::acquire, RCUFARM_CALLER);
}
void rcufarm_store_release(volatile void* p, unsigned bytes, unsigned long value) {
  foreign::store(plain(p), bytes, value, Order::release, RCUFARM_CALLER);
}

void rcufarm_fence(enum rcufarm_fence kind) { foreign::fence(fence_of(kind), RCUFARM_CALLER); }

unsigned long rcufarm_xchg(volatile void* p, unsigned bytes, unsigned long value, rcufarm_order order) {
  return foreign::exchange(plain(p), bytes, value, order_of(order), RCUFARM_CALLER);
}
unsigned long rcufarm_cmpxchg(volatile void* p, unsigned bytes, unsigned long expected, unsigned long desired,
                              rcufarm_order order) {
  // A negative int comes as a long: as many of its bytes as the field has.
  const unsigned long mask = bytes == sizeof(unsigned long) ? ~0UL : (1UL << (8 * bytes)) - 1;
  return foreign::compare_exchange(plain(p), bytes, expected & mask, desired, order_of(order), RCUFARM_CALLER);
}
unsigned long rcufarm_fetch_add(volatile void* p, unsigned bytes, unsigned long n, rcufarm_order order) {
  return foreign::fetch_add(plain(p), bytes, n, order_of(order), RCUFARM_CALLER);
}
bool rcufarm_inc_not_zero(int* counter) {
  const sim::Site& site = RCUFARM_CALLER;
  while (true) {
    const auto seen = static_cast<std::uint32_t>(foreign::load(counter, sizeof(int), Order::relaxed, site));
    if (seen == 0) return false;
    if (foreign::compare_exchange(counter, sizeof(int), seen, seen + 1, Order::seq_cst, site) == seen) return true;
  }
}

bool rcufarm_refcount_sub(refcount_t* count, int n) {
  const sim::Site& site = RCUFARM_CALLER;
  const auto left = static_cast<std::int32_t>(foreign::fetch_add(
                        &count->refs.counter, sizeof(int), static_cast<unsigned long>(-n), Order::acq_rel, site)) -
                    n;
  if (left < 0) sim::warn("a reference count went below zero", site);
  return left == 0;
}

long local_read(const local_t* counter) {
  return static_cast<long>(foreign::load(&counter->counter, sizeof(long), Order::relaxed, RCUFARM_CALLER));
}
void local_set(local_t* counter, long n) {
  foreign::store(&counter->counter, sizeof(long), static_cast<unsigned long>(n), Order::relaxed, RCUFARM_CALLER);
}
long local_add_return(long n, local_t* counter) {
  return static_cast<long>(
      foreign::add_local(&counter->counter, sizeof(long), static_cast<unsigned long>(n), RCUFARM_CALLER));
}
}

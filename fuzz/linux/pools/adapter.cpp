// The adapter of pools: any page of pool.h behind the harness' table.
//
// Job: be the user of a pool. An object of the scenario is an element together with memory of the slab that the user keeps for it, so
// that the oracles know it by a number of its own: one that never comes back is a leak, one that two have is handed out twice. Into
// the element itself the user writes what only it knows, and looks at it when it gives the element back. The user's own books are the
// host's: no points. Of one run; begin_run() forgets the last one.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "harness/sim/sim_allocator.h"
#include "scenario/limits.h"
// Last: it defines names of its own.
#include "linux/shim.h"

extern "C" {
#include "linux/pools/pool.h"
}

namespace rcufarm {

namespace {

namespace foreign = sim::foreign;
using scenario::OpKind;

const rcufarm_pool& calls() {
  static const rcufarm_pool page = rcufarm_linked_pool();
  return page;
}

// Few, so that a ring goes round and a list runs dry within some operations; and all of a slot's lie in the part of a large object
// that is there.
constexpr unsigned elements_max = 4;
// In front of the user's bytes: which element it belongs to.
constexpr std::size_t header = sizeof(void*);

struct Element {
  void* element = nullptr;
  void* memory = nullptr;  // of the slab; null: it has gone
  std::uint64_t written = 0;
};

struct Pool {
  void* instance = nullptr;  // the harness'
  void* pool = nullptr;
  std::size_t bytes = 0;
  bool is_ended = false;  // destroy was called
  std::array<Element, elements_max> elements{};
  unsigned count = 0;
};
std::array<Pool, scenario::limits.caches_max> pools{};
// Of the pool that is being made: the page does not know the instance.
Pool* in_the_making = nullptr;
std::uint64_t hand_outs = 0;
// What no pool has made: no address of the machine's.
char no_element = 0;

Pool& pool_of_instance(const void* instance) {
  return *std::find_if(pools.begin(), pools.end(), [&](const Pool& pool) { return pool.instance == instance; });
}
Pool& pool_at(const void* pool) {
  if (in_the_making != nullptr) return *in_the_making;
  return *std::find_if(pools.begin(), pools.end(), [&](const Pool& known) { return known.pool == pool; });
}
template <class Is>
Element* element_where(Pool& pool, Is is) {
  auto* const end = pool.elements.begin() + pool.count;
  auto* const found = std::find_if(pool.elements.begin(), end, is);
  return found == end ? nullptr : found;
}
Element& element_of(Pool& pool, const void* user) {
  const void* memory = static_cast<const char*>(user) - header;
  return *element_where(pool, [&](const Element& e) { return e.memory == memory; });
}
void* of_user(const Element& element) { return static_cast<char*>(element.element) + calls().user_offset; }

const sim::Site in_user{.file = "the user", .function = "user", .line = 0};

void end(Element& element) {
  if (element.memory != nullptr) sim::slab_free(std::exchange(element.memory, nullptr), in_user);
}

bool init(void* instance, int size, bool) {
  Pool& pool = *std::find_if(pools.begin(), pools.end(), [](const Pool& p) { return p.instance == nullptr; });
  pool.instance = instance;
  pool.bytes = header + static_cast<std::size_t>(size);
  in_the_making = &pool;
  pool.pool = calls().make(1 + static_cast<unsigned>(size - 1) / header % elements_max);
  in_the_making = nullptr;
  return pool.pool != nullptr;
}

void* pop(void* instance) {
  Pool& pool = pool_of_instance(instance);
  void* const popped = calls().pop(pool.pool);
  if (popped == nullptr) return nullptr;
  Element* element = element_where(pool, [&](const Element& e) { return e.element == popped; });
  if (element == nullptr || element->memory == nullptr) return &no_element;
  element->written = ++hand_outs;
  foreign::store(of_user(*element), sizeof(std::uint64_t), element->written, kernel::Order::relaxed, in_user);
  return static_cast<char*>(element->memory) + header;
}

// Does its user find what it wrote?
bool is_intact(void* instance, void* user) {
  const Element& element = element_of(pool_of_instance(instance), user);
  return foreign::load(of_user(element), sizeof(std::uint64_t), kernel::Order::relaxed, in_user) == element.written;
}

// What a user writes last is there before the next one has the element, or its memory goes.
void* used_for_the_last_time(const Element& element) {
  foreign::store(of_user(element), sizeof(std::uint64_t), 0, kernel::Order::relaxed, in_user);
  return element.element;
}

void push(void* instance, void* user) {
  Pool& pool = pool_of_instance(instance);
  if (user != nullptr) calls().push(pool.pool, used_for_the_last_time(element_of(pool, user)));
}

void drop(void* instance, void* user) {
  Pool& pool = pool_of_instance(instance);
  calls().drop(pool.pool, used_for_the_last_time(element_of(pool, user)));
}

void destroy(void* instance, bool) {
  Pool& pool = pool_of_instance(instance);
  void* const ends = pool.pool;
  if (ends == nullptr || std::exchange(pool.is_ended, true)) return;
  calls().fini(ends);
}

harness::SimAllocator table_of(const rcufarm_pool& c) {
  harness::SimAllocator table{
      .name = c.file,
      .bytes = sizeof(void*),
      .align = alignof(void*),
      .header_bytes = header,
      .construct = [](void*) {},
      .init = init,
      .alloc = nullptr,
      .cache_alloc = pop,
      .cache_alloc_flags = nullptr,
      .free = nullptr,
      .cache_free = push,
      .free_rcu = nullptr,
      .cache_free_rcu = nullptr,
      .raw_free = nullptr,
      .destroy = destroy,
      .accounts = nullptr,
      .ready = nullptr,
      .size_max = 0,
      .percpu = false,
      .state = nullptr,
  };
  table.orders_by_cpp = false;
  table.charges = false;
  table.place_of = [](const void* return_address) {
    const sim::Site& site = hooks::place_of(return_address);
    const bool is_ours = std::strstr(site.file, "/pools/") != nullptr || std::strcmp(site.file, "unknown") == 0;
    return is_ours ? sim::Site{} : site;
  };
  table.announced = true;
  table.readers = oracle::Readers::none;
  table.language = {
      .operations = {OpKind::alloc, OpKind::free, OpKind::touch, OpKind::irq_off, OpKind::irq_on, OpKind::raise,
                     OpKind::migrate, OpKind::fail_next, OpKind::destroy, OpKind::yield, OpKind::pause},
      .caches = {scenario::CacheKind::fixed},
      .programs = {scenario::ProgramKind::irq}};
  if (c.nmi) table.language.programs = scenario::Some<scenario::ProgramKind>::all();
  // It has as many objects as it was made with, and gives null while others have them.
  table.meaningless = {oracle::Kind::spurious_null, oracle::Kind::pending_does_not_fall, oracle::Kind::memory_grows};
  table.is_intact = is_intact;
  table.drop = c.drop == nullptr ? nullptr : drop;
  table.begin_run = [] {
    linux_shim::begin_slab(8);
    pools.fill({});
    in_the_making = nullptr;
    hand_outs = 0;
  };
  return table;
}

}  // namespace

namespace harness {
const SimAllocator& linked_sim_allocator() {
  static const SimAllocator table = table_of(calls());
  return table;
}
}  // namespace harness

}  // namespace rcufarm

using namespace rcufarm;

extern "C" {

int rcufarm_pool_element(void* of, void* element) {
  Pool& pool = pool_at(of);
  void* memory = linux_shim::allocate(pool.bytes, GFP_KERNEL, RCUFARM_CALLER);
  if (memory == nullptr || pool.count == elements_max) return -ENOMEM;
  pool.elements[pool.count++] = {.element = element, .memory = memory};
  return 0;
}
// An address that is none, or one that has ended before: the user frees it all the same.
void rcufarm_pool_element_ends(void* of, void* element) {
  Element* found = element_where(pool_at(of), [&](const Element& e) { return e.element == element; });
  if (found == nullptr || found->memory == nullptr) {
    sim::slab_free(element, in_user);
  } else {
    end(*found);
  }
}
void rcufarm_pool_ends(void* of) {
  for (Element& element : pool_at(of).elements) end(element);
}
}

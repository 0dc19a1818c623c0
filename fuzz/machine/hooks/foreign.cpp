// Job: see foreign.h. Points, checks and edges are those of words.cpp.
#include "machine/hooks/foreign.h"

#include "machine/kernel/core.h"
#include "machine/memory/perform.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim::foreign {

using kernel::Order;

namespace {

// The access of an operation, behind its point.
[[gnu::always_inline]] inline Access at_point(Op op, Effect effect, const void* address, unsigned bytes, Order order,
                                              const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(op, effect != Effect::load && effect != Effect::announced_load, address, number);
  return {.op = op,
          .noted = op,
          .shown = op,
          .effect = effect,
          .order = order,
          .address = address,
          .bytes = bytes,
          .site = number};
}

// One copy for all: the code that calls has more to do than a call.
[[gnu::noinline]] Performed perform_here(const Access& access) { return perform(core(), access); }

}  // namespace

bool is_watched(const void* address) {
  return core_of_thread() != nullptr && core_of_thread()->memory.contains(address);
}

void before_access(const void* address, unsigned bytes, bool writes, const Site& site) {
  const Op op = writes ? Op::plain_store : Op::plain_load;
  Access access =
      at_point(op, writes ? Effect::announced_store : Effect::announced_load, address, bytes, Order::relaxed, site);
  access.is_plain = true;
  perform_here(access);
}

Word load(const void* address, unsigned bytes, Order order, const Site& site) {
  if (!is_watched(address)) return value_at(address, bytes);
  return perform_here(at_point(Op::atomic_load, Effect::load, address, bytes, order, site)).value;
}

void store(void* address, unsigned bytes, Word value, Order order, const Site& site) {
  if (!is_watched(address)) return put_value(address, bytes, value);
  Access access = at_point(Op::atomic_store, Effect::store, address, bytes, order, site);
  access.operand = value;
  perform_here(access);
}

Word exchange(void* address, unsigned bytes, Word value, Order order, const Site& site) {
  if (!is_watched(address)) {
    const Word old = value_at(address, bytes);
    return put_value(address, bytes, value), old;
  }
  Access access = at_point(Op::atomic_exchange, Effect::exchange, address, bytes, order, site);
  access.operand = value;
  return perform_here(access).value;
}

Word compare_exchange(void* address, unsigned bytes, Word expected, Word desired, Order order, const Site& site) {
  if (!is_watched(address)) {
    const Word old = value_at(address, bytes);
    if (old == expected) put_value(address, bytes, desired);
    return old;
  }
  Access access = at_point(Op::atomic_compare_exchange, Effect::compare_exchange, address, bytes, order, site);
  access.operand = desired;
  access.expected = expected;
  return perform_here(access).value;
}

Word fetch_add(void* address, unsigned bytes, Word n, Order order, const Site& site) {
  if (!is_watched(address)) {
    const Word old = value_at(address, bytes);
    return put_value(address, bytes, old + n), old;
  }
  Access access = at_point(Op::atomic_exchange, Effect::add, address, bytes, order, site);
  access.operand = n;
  return perform_here(access).value;
}

Word add_local(void* address, unsigned bytes, Word n, const Site& site) {
  if (!is_watched(address)) {
    put_value(address, bytes, value_at(address, bytes) + n);
    return value_at(address, bytes);
  }
  Access access = at_point(Op::local_store, Effect::add, address, bytes, Order::relaxed, site);
  access.is_plain = true;
  access.operand = n;
  perform_here(access);
  return value_at(address, bytes);
}

void note_range(const void* address, std::size_t bytes, bool writes, const Site& site) {
  if (!is_watched(address)) return;
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.current->site = number;
  const Op op = writes ? Op::plain_store : Op::plain_load;
  const auto* at = static_cast<const char*>(word_around(address));
  for (; at < static_cast<const char*>(address) + bytes; at += sizeof(Word)) {
    perform_here({.op = op,
                  .noted = op,
                  .shown = Op::none,
                  .effect = writes ? Effect::announced_store : Effect::load,
                  .is_plain = true,
                  .address = at,
                  .site = number,
                  .is_newest = true});
  }
}

void acquire(const Word* word) {
  if (!is_watched(word)) return;
  Core& c = core();
  c.acquire(*c.current->lane, c.shadow_of(word));
}

void* percpu_instance(void* memory, unsigned cpu) {
  Core& c = core();
  const std::size_t offset = c.memory.offset_of(memory);
  if (offset >= arena_bytes) return memory;
  const Slot& slot = c.memory.slot_at(offset);
  if (slot.state == SlotState::never || slot.object == 0) return memory;
  const ObjectRecord& object = c.memory.object(slot.object);
  const bool caches = object.kind == ObjectInfo::Kind::caches;
  return static_cast<char*>(memory) + cpu * (caches ? Memory::caches_stride_of(object.bytes) : object_bytes_backed);
}

std::size_t bytes_asked(const void* object, const Site& site) {
  Core& c = core();
  c.current->site = c.sites.number_of(site);
  slab_size(object);  // alive, or this does not return
  return c.memory.object(c.memory.slot_at(c.memory.offset_of(object)).object).bytes;
}

void free_percpu(void* memory, const Site& site) {
  Core& c = core();
  const std::size_t offset = c.memory.offset_of(memory);
  const bool known = offset < arena_bytes && c.memory.slot_at(offset).object != 0;
  const bool caches = known && c.memory.object(c.memory.slot_at(offset).object).kind == ObjectInfo::Kind::caches;
  caches ? caches_free(memory, site) : percpu_free(memory, site);
}

void fence(Fence kind, const Site& site) {
  if (core_of_thread() == nullptr || !core_of_thread()->is_weak) return;
  Core& c = core();
  c.current->site = c.sites.number_of(site);
  sim::fence(c, kind);
}

unsigned interrupts_off() {
  const Lane& lane = *core().current->lane;
  return lane.irq_depth + (lane.in_irq ? 1U : 0U) + (lane.in_nmi ? 1U : 0U);
}

bool in_task() {
  const ContextKind kind = core().current->kind;
  return kind == ContextKind::task || kind == ContextKind::main || kind == ContextKind::worker;
}

bool in_nmi() { return core().current->lane->in_nmi; }

ContextId current_context() { return core().current->id; }

}  // namespace rcufarm::sim::foreign

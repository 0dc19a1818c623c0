// Job: see foreign.h. Points, checks and edges are those of words.cpp.
#include "sim/foreign.h"

#include <cstring>

#include "sim/core.h"

namespace rcufarm::sim::foreign {

using kernel::Order;

namespace {

// As an unsigned number of that width; signed ones are the caller's cast.
Word value_at(const void* address, unsigned bytes) {
  Word value = 0;
  std::memcpy(&value, address, bytes);
  return value;
}

void put(void* address, unsigned bytes, Word value) { std::memcpy(address, &value, bytes); }

const void* word_around(const void* address) {
  return reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(address) & ~std::uintptr_t{sizeof(Word) - 1});
}

bool is_upper_half(const void* address, unsigned bytes) {
  return bytes < sizeof(Word) && reinterpret_cast<std::uintptr_t>(address) % sizeof(Word) >= sizeof(Word) / 2;
}

// The place that the address is in. It is alive, or this does not return.
Shadow& place_of(Core& c, const void* address, unsigned bytes) {
  Shadow& low = c.shadow_of(word_around(address));
  return is_upper_half(address, bytes) ? c.upper_half_of(address) : low;
}

struct Access {
  Core& c;
  SiteNumber site;
  Op op;
  const void* address;
  unsigned bytes;
  Shadow* place = nullptr;

  // Behind the point the memory is looked at before anybody reads it: somebody may have freed it meanwhile.
  Access(Op new_op, bool writes, const void* new_address, unsigned new_bytes, const Site& new_site)
      : c(core()), site(c.sites.number_of(new_site)), op(new_op), address(new_address), bytes(new_bytes) {
    c.point(op, writes, address, site);
    place = &place_of(c, address, bytes);
  }

  // `made`: a store that is to be numbered.
  void trace(Order order, const Shadow& shadow, Word value, Word other, std::uint32_t read, bool made) const {
    if (c.tracing) [[unlikely]]
      c.trace(op, order, address, shadow, value, other, read, made ? shadow.store : 0);
  }
  // A read-modify-write, or one that fails and is a load.
  Word modify(Word value, bool writes, Order order) const {
    Shadow& shadow = *place;
    const Word old = value_at(address, bytes);
    c.on_atomic(shadow, c.here(writes ? op : Op::atomic_load), writes);
    if (acquires(order)) c.acquire(shadow);
    c.mix(op, shadow);
    c.read_from(shadow, site);
    const std::uint32_t read = shadow.store;
    if (writes) {
      c.new_store(shadow, value, site);
      if (releases(order)) c.release(shadow);
      put(const_cast<void*>(address), bytes, value);
    }
    trace(order, shadow, value, old, read, writes);
    return old;
  }
};

}  // namespace

bool is_watched(const void* address) { return core_of_thread != nullptr && core_of_thread->memory.contains(address); }

void before_access(const void* address, unsigned bytes, bool writes, const Site& site) {
  const Access access(writes ? Op::plain_store : Op::plain_load, writes, address, bytes, site);
  Core& c = access.c;
  Shadow& shadow = *access.place;
  const AccessInfo info = c.here(access.op);
  writes ? c.on_plain_store(shadow, info) : c.on_plain_load(shadow, info);
  if (Shadow* upper = bytes == sizeof(Word) ? c.known_upper_half_of(address) : nullptr; upper != nullptr) {
    writes ? c.on_plain_store(*upper, info) : c.on_plain_load(*upper, info);
  }
  c.mix(access.op, shadow);
  if (!writes) {
    c.read_from(shadow, access.site);
    return access.trace(Order::relaxed, shadow, value_at(address, bytes), 0, shadow.store, false);
  }
  shadow.sync = 0;
  // What is stored is not known yet: an observer finds it there when the next event comes (Event::bytes says how much).
  c.new_store(shadow, 0, access.site);
  if (!c.tracing) [[likely]]
    return;
  Event event = c.event(EventKind::access, access.op);
  c.locate(event, address);
  event.made = shadow.store;
  event.bytes = bytes;
  c.emit(event);
}

Word load(const void* address, unsigned bytes, Order order, const Site& site) {
  if (!is_watched(address)) return value_at(address, bytes);
  const Access access(Op::atomic_load, false, address, bytes, site);
  return access.modify(value_at(address, bytes), false, order);
}

void store(void* address, unsigned bytes, Word value, Order order, const Site& site) {
  if (!is_watched(address)) return put(address, bytes, value);
  const Access access(Op::atomic_store, true, address, bytes, site);
  Core& c = access.c;
  Shadow& shadow = *access.place;
  c.on_atomic(shadow, c.here(access.op), true);
  c.mix(access.op, shadow);
  shadow.sync = 0;
  c.new_store(shadow, value, access.site);
  if (releases(order)) c.release_store(shadow);
  put(address, bytes, value);
  access.trace(order, shadow, value, 0, 0, true);
}

Word exchange(void* address, unsigned bytes, Word value, Order order, const Site& site) {
  if (!is_watched(address)) {
    const Word old = value_at(address, bytes);
    return put(address, bytes, value), old;
  }
  return Access(Op::atomic_exchange, true, address, bytes, site).modify(value, true, order);
}

Word compare_exchange(void* address, unsigned bytes, Word expected, Word desired, Order order, const Site& site) {
  if (!is_watched(address)) {
    const Word old = value_at(address, bytes);
    if (old == expected) put(address, bytes, desired);
    return old;
  }
  const Access access(Op::atomic_compare_exchange, true, address, bytes, site);
  place_of(access.c, address, bytes);  // alive? Before it is looked at
  return access.modify(desired, value_at(address, bytes) == expected, order);
}

Word fetch_add(void* address, unsigned bytes, Word n, Order order, const Site& site) {
  if (!is_watched(address)) {
    const Word old = value_at(address, bytes);
    return put(address, bytes, old + n), old;
  }
  const Access access(Op::atomic_exchange, true, address, bytes, site);
  place_of(access.c, address, bytes);
  return access.modify(value_at(address, bytes) + n, true, order);
}

Word add_local(void* address, unsigned bytes, Word n, const Site& site) {
  if (!is_watched(address)) {
    put(address, bytes, value_at(address, bytes) + n);
    return value_at(address, bytes);
  }
  const Access access(Op::local_store, true, address, bytes, site);
  Core& c = access.c;
  Shadow& shadow = *access.place;
  c.on_plain_store(shadow, c.here(access.op));
  c.mix(access.op, shadow);
  c.new_store(shadow, value_at(address, bytes) + n, access.site);
  put(address, bytes, value_at(address, bytes) + n);
  access.trace(Order::relaxed, shadow, value_at(address, bytes), 0, 0, true);
  return value_at(address, bytes);
}

void note_range(const void* address, std::size_t bytes, bool writes, const Site& site) {
  if (!is_watched(address)) return;
  Core& c = core();
  c.current->site = c.sites.number_of(site);
  const auto* at = static_cast<const char*>(word_around(address));
  for (; at < static_cast<const char*>(address) + bytes; at += sizeof(Word)) {
    Shadow& shadow = c.shadow_of(at);
    c.pending[index_of(c.current->id)].address = at;
    const AccessInfo info = c.here(writes ? Op::plain_store : Op::plain_load);
    writes ? c.on_plain_store(shadow, info) : c.on_plain_load(shadow, info);
    if (writes) c.new_store(shadow, 0, c.current->site);
  }
}

void acquire(const Word* word) {
  if (!is_watched(word)) return;
  Core& c = core();
  c.acquire(c.shadow_of(word));
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

std::size_t bytes_asked(const void* object) {
  slab_size(object);  // alive, or this does not return
  Core& c = core();
  return c.memory.object(c.memory.slot_at(c.memory.offset_of(object)).object).bytes;
}

void free_percpu(void* memory, const Site& site) {
  Core& c = core();
  const std::size_t offset = c.memory.offset_of(memory);
  const bool known = offset < arena_bytes && c.memory.slot_at(offset).object != 0;
  const bool caches = known && c.memory.object(c.memory.slot_at(offset).object).kind == ObjectInfo::Kind::caches;
  caches ? caches_free(memory, site) : percpu_free(memory, site);
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

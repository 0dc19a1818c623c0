// The slab, per-CPU memory, caches, and the object cgroup.
//
// Job: allocation and free as operations: legal contexts, failures, charges, and what a free must not find in the memory
// that it takes away. The memory itself is memory.h's.
#include <algorithm>
#include <bit>

#include "machine/kernel/core.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

namespace {

// The kernel's sizes: powers of two from 8, with 96 and 192 between them.
std::uint64_t kmalloc_size(std::uint64_t bytes) {
  if (bytes > 64 && bytes <= 96) return 96;
  if (bytes > 128 && bytes <= 192) return 192;
  return std::bit_ceil(std::max<std::uint64_t>(bytes, 8));
}

std::uint64_t rounded(SlabRounding rounding, std::uint64_t bytes) {
  switch (rounding) {
    case SlabRounding::exact: return bytes;
    case SlabRounding::kmalloc: return kmalloc_size(bytes);
    case SlabRounding::sixteen_more: return bytes + 16;
  }
  return bytes;
}

const char* text_of(ObjectInfo::Kind kind) {
  switch (kind) {
    case ObjectInfo::Kind::slab: return "slab";
    case ObjectInfo::Kind::percpu: return "percpu";
    case ObjectInfo::Kind::caches: return "per-CPU caches";
    case ObjectInfo::Kind::heap: return "heap";
    case ObjectInfo::Kind::part: return "part";
  }
  return "";
}

}  // namespace

bool Core::may_fail_allocation() {
  if (failures_left == 0 || choose(ChoiceKind::allocation, 2) == 0) return false;
  --failures_left;
  return true;
}

void* Core::allocate(ObjectInfo::Kind kind, std::size_t bytes, unsigned count, kernel::Gfp gfp, bool charge,
                     kernel::AllocFailure& why, Op op, const Site& site) {
  const SiteNumber number = sites.number_of(site);
  require(!current->lane->in_nmi, op, number, "an allocation in an nmi");
  if (gfp == kernel::Gfp::kernel) {
    const ContextKind kind_here = current->kind;
    require(kind_here != ContextKind::callback && current->lane->irqs_on() && current->sections[0] == 0, op, number,
            "an allocation that may sleep, where sleeping is illegal");
  }
  point(op, false, nullptr, number);

  const std::uint32_t nth = slab_allocations++;
  const std::size_t each = std::max<std::size_t>(bytes, 1);
  const std::uint64_t ksize = kind == ObjectInfo::Kind::slab ? rounded(settings.slab_rounding, each) : each;
  bool fails = settings.slab_fails != nullptr && settings.slab_fails(settings.slab_fails_host, nth);
  if (current->fail_next != 0) {
    --current->fail_next;
    fails = true;
  }
  why = kernel::AllocFailure::none;
  if (fails || may_fail_allocation()) {
    why = kernel::AllocFailure::slab;
  } else if (charge && ((settings.objcg_objects_max != 0 && objcg_objects + 1 > settings.objcg_objects_max) ||
                        (settings.objcg_bytes_max != 0 && objcg_bytes + ksize * count > settings.objcg_bytes_max))) {
    why = kernel::AllocFailure::cgroup;
  }
  uses(alloc_uses);
  std::uint32_t serial = 0;
  if (why == kernel::AllocFailure::none) {
    serial = memory.allocate(kind, each, count);
    if (serial == 0) leave_at_limit("arena_bytes");
  }
  mix(std::uint64_t{serial} << 8U | static_cast<std::uint64_t>(why));
  if (serial == 0) {
    ++refused[static_cast<std::size_t>(why)];
    if (watched(EventKind::alloc_failed)) {
      Event failed = event(EventKind::alloc_failed, op);
      failed.bytes = bytes;
      failed.failure = why;
      emit(failed);
    }
    return nullptr;
  }
  ObjectRecord& object = memory.object(serial);
  object.ksize = ksize;
  object.allocated = here(op);
  object.allocated_cpu = current->lane->cpu;
  object.allocated_step = steps;
  object.allocated_epoch = epoch();
  object.charged = charge;
  if (charge) {
    ++objcg_objects;
    objcg_bytes += ksize * count;
  }
  void* address = memory.address_of(object);
  if (watches_steps) touches_object(object);
  if (watched(EventKind::alloc)) {
    Event done = event(EventKind::alloc, op);
    locate(done, address);
    done.bytes = bytes;
    done.value = charge ? 1 : 0;
    done.text = text_of(kind);
    emit(done);
  }
  return address;
}

// Can a program tell in which order memory was allocated and freed?
void Core::set_up_slab() {
  slab_allocations = 0;
  refused = {};
  failures_left = settings.failures_max;
  objcg_objects = objcg_bytes = objcg_references = 0;
  const bool by_frees =
      settings.slab_reuse == SlabReuse::lifo || settings.objcg_objects_max != 0 || settings.objcg_bytes_max != 0;
  const bool by_allocations = by_frees || settings.slab_fails != nullptr || settings.failures_max != 0;
  alloc_uses = by_allocations ? Resources::slab_order() : Resources::slab();
  free_uses = Resources::user() | (by_frees ? Resources::slab_order() : Resources::slab());
}

// What is queued, running or held in memory that goes away.
void Core::check_nothing_queued_in(const ObjectRecord& object) {
  const char* from = memory.address_of(object);
  const char* to = from + object.slots * object_bytes_backed;
  const auto inside = [from, to](const void* address) { return address >= from && address < to; };
  const auto accuse_queued = [&](Op op, SiteNumber site, ContextId context, const void* address, const char* what) {
    const Party first = party(info_of(site, context, op));
    accuse(ViolationKind::freed_while_queued, first, party_here(Op::slab_free), address, what);
  };
  for (const RcuFlavorBooks& books : rcu.flavors) {
    if (books.queued == 0) continue;
    for (unsigned cpu = 0; cpu < settings.cpus; ++cpu) {
      for (std::uint16_t i = books.queues[cpu].first; i != 0; i = rcu.callbacks[i].next) {
        const Callback& callback = rcu.callbacks[i];
        if (inside(callback.head))
          accuse_queued(Op::call_rcu, callback.site, callback.context, callback.head, "an rcu_head is queued");
      }
    }
  }
  for (unsigned i = 0; i < works_count; ++i) {
    const PendingWork& work = works[(works_first + i) % works_max];
    if (inside(work.word)) accuse_queued(Op::queue_work, work.site, worker_context, work.word, "a work is queued");
  }
  for (unsigned cpu = 0; cpu < settings.cpus; ++cpu) {
    const Lane& lane = lanes[cpu];
    for (unsigned i = 0; i < lane.works_count; ++i) {
      const RaisedWork& work = lane.works[(lane.works_first + i) % irq_works_max];
      if (inside(work.word))
        accuse_queued(Op::irq_work_raise, work.site, irq_work_context(cpu), work.word, "an irq_work is raised");
    }
    if (lane.work_running != nullptr && inside(lane.work_running)) {
      accuse_queued(Op::irq_work_raise, lane.work_running_site, irq_work_context(cpu), lane.work_running,
                    "an irq_work is running");
    }
  }
  if (held == 0) return;
  for (const ContextId id : live_contexts) {
    const Context& context = contexts[index_of(id)];
    if (context.claimed == nullptr && context.lock_count == 0) [[likely]]
      continue;
    if (context.claimed != nullptr && inside(context.claimed)) {
      accuse_queued(Op::irq_work_claim, context.claim_site, context.id, context.claimed, "an irq_work is claimed");
    }
    for (unsigned i = 0; i < context.lock_count; ++i) {
      if (!inside(context.locks[i])) continue;
      const Party first = party(info_of(context.lock_sites[i], context.id, Op::lock));
      accuse(ViolationKind::freed_while_locked, first, party_here(Op::slab_free), context.locks[i], "a lock is held");
    }
  }
}

void Core::release_object(void* address, ObjectInfo::Kind kind, Op op, const Site& site) {
  const SiteNumber number = sites.number_of(site);
  require(!current->lane->in_nmi, op, number, "a free in an nmi");
  point(op, true, address, number);
  const std::size_t offset = memory.offset_of(address);
  if (offset >= arena_bytes) accuse(ViolationKind::bad_free, Party{}, party_here(op), address, "no memory of the slab");
  const Slot& slot = memory.slot_at(offset);
  if (slot.state == SlotState::never || slot.object == 0) {
    accuse(ViolationKind::bad_free, Party{}, party_here(op), address, "no memory of the slab");
  }
  ObjectRecord& object = memory.object(slot.object);
  if (memory.address_of(object) != address) {
    accuse(ViolationKind::bad_free, Party{}, party_here(op), address, "not the start of an object");
  }
  if (slot.state == SlotState::freed) {
    accuse(ViolationKind::double_free, party(object.freed), party_here(op), address, "");
  }
  if (object.kind != kind) {
    accuse(ViolationKind::bad_free, party(object.allocated), party_here(op), address, "of another kind of memory");
  }
  uses(free_uses);
  if (watches_steps) touches_object(object);
  check_nothing_queued_in(object);
  check_ordered_free(slot.object);
  if (is_weak) check_free_comes_last(*this, object, op);
  mix(slot.object);
  object.freed = here(op);
  object.freed_cpu = current->lane->cpu;
  object.freed_step = steps;
  if (object.charged) {
    --objcg_objects;
    objcg_bytes -= object.ksize * (kind == ObjectInfo::Kind::percpu ? object.slots : 1);
  }
  if (watched(EventKind::free)) {
    Event freed = event(EventKind::free, op);
    locate(freed, address);
    emit(freed);
  }
  memory.release(slot.object);
}

// ---- what the port calls ---------------------------------------------------------------------------------------------

void* slab_alloc(std::size_t bytes, kernel::Gfp gfp, bool charge, kernel::AllocFailure& why, const Site& site) {
  return core().allocate(ObjectInfo::Kind::slab, bytes, 1, gfp, charge, why, Op::slab_alloc, site);
}

void slab_free(void* object, const Site& site) {
  core().release_object(object, ObjectInfo::Kind::slab, Op::slab_free, site);
}

std::size_t slab_size(const void* object) {
  Core& c = core();
  const std::size_t offset = c.memory.offset_of(object);
  if (offset >= arena_bytes || c.memory.slot_at(offset).state != SlotState::live) c.accuse_access(object);
  if (c.watches_steps) c.touches_word(object, false);
  return c.memory.object(c.memory.slot_at(offset).object).ksize;
}

void* percpu_alloc(std::size_t bytes, kernel::Gfp gfp, bool charge, kernel::AllocFailure& why, const Site& site) {
  Core& c = core();
  void* memory = c.allocate(ObjectInfo::Kind::percpu, bytes, c.settings.cpus, gfp, charge, why, Op::percpu_alloc, site);
  if (memory != nullptr) std::fill_n(static_cast<char*>(memory), c.settings.cpus * object_bytes_backed, '\0');
  return memory;
}

void percpu_free(void* memory, const Site& site) {
  core().release_object(memory, ObjectInfo::Kind::percpu, Op::percpu_free, site);
}

void* percpu_of(void* memory, unsigned cpu) { return static_cast<char*>(memory) + cpu * object_bytes_backed; }

void* caches_alloc(std::size_t bytes_each, std::size_t& stride, kernel::Gfp gfp, const Site& site) {
  Core& c = core();
  stride = Memory::caches_stride_of(bytes_each);
  kernel::AllocFailure why = kernel::AllocFailure::none;
  return c.allocate(ObjectInfo::Kind::caches, bytes_each, c.settings.cpus, gfp, false, why, Op::percpu_alloc, site);
}

void caches_free(void* memory, const Site& site) {
  core().release_object(memory, ObjectInfo::Kind::caches, Op::percpu_free, site);
}

bool objcg_get(const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  const ContextKind kind = c.current->kind;
  c.require(kind == ContextKind::task || kind == ContextKind::main || kind == ContextKind::worker, Op::objcg_get,
            number, "get_obj_cgroup_from_current outside a task: nobody is current");
  c.point(Op::objcg_get, false, nullptr, number);
  const bool given = c.settings.has_objcg;
  c.objcg_references += given ? 1 : 0;
  if (c.watched(EventKind::objcg_get)) {
    Event event = c.event(EventKind::objcg_get, Op::objcg_get);
    event.value = given ? 1 : 0;
    c.emit(event);
  }
  return given;
}

void objcg_put(const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require(!c.current->lane->in_nmi, Op::objcg_put, number, "obj_cgroup_put in an nmi");
  c.point(Op::objcg_put, false, nullptr, number);
  --c.objcg_references;
  c.emit_simple(EventKind::objcg_put, Op::objcg_put);
}

}  // namespace rcufarm::sim

// What accesses tell: where an address lies, and what is wrong with it.
//
// Job: name objects for events and violations, and end the run at an access to memory that is not alive.
#include <sys/mman.h>

#include "machine/memory/accesses.h"

namespace rcufarm::sim {

namespace {

constexpr std::size_t beside_arena_bytes = std::size_t{1} << 20U;

// Is there memory at all? A broken pointer leads to none; a word of a global or of the heap is there.
bool is_mapped(const void* address) {
  constexpr std::uintptr_t page = 4096;
  unsigned char in_core = 0;
  const auto begin = reinterpret_cast<std::uintptr_t>(address) / page * page;
  return begin != 0 && mincore(reinterpret_cast<void*>(begin), 1, &in_core) == 0;
}

}  // namespace

void Accesses::locate(Event& event, const void* address) const {
  event.address = address;
  const std::size_t offset = memory.offset_of(address);
  if (offset >= arena_bytes) return;
  const Slot& slot = memory.slot_at(offset);
  if (slot.state == SlotState::never || slot.object == 0) return;
  event.object = slot.object;
  const char* start = memory.address_of(memory.object(slot.object));
  event.offset = static_cast<std::uint32_t>(static_cast<const char*>(address) - start);
}

// The caches in whose guards the address lies; 0: in none's.
std::uint32_t Accesses::object_beside(const void* address) const {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  for (std::uint32_t serial = memory.object_count(); serial > 0; --serial) {
    const ObjectRecord& object = memory.object(serial);
    if (object.kind != ObjectInfo::Kind::caches) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory.address_of(object));
    if (at - (begin - caches_guard_bytes) < object.slots * object_bytes_backed + 2 * caches_guard_bytes) return serial;
  }
  return 0;
}

void Accesses::accuse_access(const void* address) {
  const Op op = pending[index_of(current->id)].op;
  const std::size_t offset = memory.offset_of(address);
  if (offset < arena_bytes) {
    const Slot& slot = memory.slot_at(offset);
    if (slot.state == SlotState::freed) {
      const ObjectRecord& object = memory.object(slot.object);
      Party first = party(object.freed);
      first.step = object.freed_step;
      first.cpu = object.freed_cpu;
      accuse(ViolationKind::use_after_free, first, party_here(op), address, "");
    }
    if (slot.state == SlotState::live) {
      accuse(ViolationKind::out_of_bounds, Party{}, party_here(op), address, "past the end of the object");
    }
  }
  // What lies beside the arena is an object's index that went wrong.
  const bool is_far = offset + beside_arena_bytes >= arena_bytes + 2 * beside_arena_bytes;
  if (is_far && is_mapped(address)) leave_at_unknown_word(op, address);
  accuse(ViolationKind::out_of_bounds, Party{}, party_here(op), address,
         is_near_null(address) ? null_pointer_text : "memory that was never handed out");
}

// Nothing is known of it, so nothing can be said of the program.
void Accesses::leave_at_unknown_word(Op op, const void* address) {
  outcome.end = End::unknown_word;
  outcome.violation = Violation{ViolationKind::none, Party{}, party_here(op), address, 0, 0, 0, ""};
  leave();
}

bool Accesses::is_shared_by_host(const void* address) const {
  const auto inside = [address](const char* begin, std::size_t bytes) {
    return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(begin) < bytes;
  };
  for (unsigned i = 0; i < host_range_count; ++i) {
    if (inside(host_ranges[i].begin, host_ranges[i].bytes)) return true;
  }
  // Fields on a program's own stack.
  for (const Fiber& fiber : fibers) {
    if (inside(fiber.stack, fiber.bytes)) return true;
  }
  return false;
}

void Accesses::trace(Op op, kernel::Order order, const void* address, unsigned announced_bytes, Word value, Word other,
                     const StoresSeen& stores) {
  Event access = event(EventKind::access, op);
  access.order = order;
  locate(access, address);
  access.value = value;
  access.other = other;
  access.bytes = announced_bytes;
  access.store = stores.read;
  access.made = stores.made;
  access.missed = stores.missed;
  access.before = stores.before;
  emit(access);
}

}  // namespace rcufarm::sim

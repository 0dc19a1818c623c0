// Job: see perform_weak.h: what of it is seldom.
#include "machine/memory/perform_weak.h"

namespace rcufarm::sim {

std::uint32_t slot_behind(const Accesses& c, const void* address) {
  const std::size_t offset = c.memory.offset_of(address);
  if (offset >= arena_bytes) return 0;
  const Slot& slot = c.memory.slot_at(offset);
  return slot.object == 0 ? 0 : c.memory.object(slot.object).slot + 1;
}

void note_pointer(Accesses& c, Word value, ClockHandle message) {
  if (message == 0) return;
  const std::uint32_t slot = slot_behind(c, reinterpret_cast<const void*>(value));
  if (slot == 0) return;
  LaneView& view = view_of(c);
  LaneView::Pointer& entry = view.pointers[slot % LaneView::pointers_kept];
  if (entry.slot != slot) {
    // What is forgotten is ordered for all, so that no dependency is lost.
    if (entry.slot != 0) c.clocks.join(c.clock(), c.clocks.at(entry.message));
    entry = {slot, 0};
  }
  entry.message = joined(c, entry.message, message);
  view.has_pointers = true;
}

void announce(Accesses& c, const Announced& announced) {
  if (c.weak->announced_count < Weak::announced_max) {
    c.weak->announced[c.weak->announced_count++] = announced;
  } else if (KeptStore* store = c.weak->find(announced.store); store != nullptr) {
    store->address = nullptr;  // of a long range: nobody reads it once there is a newer one
  }
}

Performed perform_weak(Accesses& c, const Access& a) {
  return under_model(c, [&]<MemoryModel model>() {
    const auto as = [&](Effect effect) __attribute__((always_inline)) {
      Access known = a;
      known.effect = effect;
      return perform_under<model>(c, known);
    };
    // Those that are most frequent have copies that know what they are.
    switch (a.effect) {
      case Effect::load: return as(Effect::load);
      case Effect::store: return as(Effect::store);
      case Effect::exchange: return as(Effect::exchange);
      case Effect::add:
      case Effect::compare_exchange:
      case Effect::announced_store:
      case Effect::announced_load:
      case Effect::mark: break;
    }
    return as(a.effect);
  });
}

}  // namespace rcufarm::sim

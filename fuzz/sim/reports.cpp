// What the machine tells: events, violations, and leaving a run.
//
// Job: fill in who, where and which object, hand it to the observer, and end the run where there is nothing to go on with.
#include <cstdio>
#include <cstring>

#include "sim/core.h"

namespace rcufarm::sim {

void Core::leave() {
  // Straight to the host's stack. Nothing of this one is needed again.
  Fiber& from = *current_fiber;
  current_fiber = &host;
  switch_fiber(from, host);
  fail("a run that was left went on");
}

void Core::leave_at_limit(const char* name) {
  outcome.end = End::limit;
  outcome.limit = name;
  leave();
}

void Core::give_up() {
  outcome.end = End::given_up;
  leave();
}

Party Core::party(AccessInfo info) const {
  Party party;
  party.context = context_of(info);
  party.op = op_of(info);
  party.site = sites.site(site_of(info));
  const Lane* lane = contexts[index_of(party.context)].lane;
  if (lane != nullptr) party.cpu = lane->cpu;
  return party;
}

Party Core::party_here(Op op) const {
  Party party;
  party.context = current->id;
  party.cpu = current->lane->cpu;
  party.op = op;
  party.step = steps;
  party.site = sites.site(current->site);
  return party;
}

void Core::locate(Event& event, const void* address) const {
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
std::uint32_t Core::caches_beside(const void* address) const {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  for (std::uint32_t serial = memory.object_count(); serial > 0; --serial) {
    const ObjectRecord& object = memory.object(serial);
    if (object.kind != ObjectInfo::Kind::caches) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory.address_of(object));
    if (at - (begin - caches_guard_bytes) < object.slots * object_bytes_backed + 2 * caches_guard_bytes) return serial;
  }
  return 0;
}

void Core::accuse(ViolationKind kind, const Party& first, const Party& second, const void* address, const char* why) {
  Event located;
  locate(located, address);
  if (located.object == 0) located.object = caches_beside(address);
  outcome.end = End::violation;
  outcome.violation = Violation{kind, first, second, address, located.object, located.offset, 0, why};
  mix(static_cast<std::uint64_t>(kind));
  if (watched()) {
    Event last = event(EventKind::violation, second.op);
    locate(last, address);
    last.text = why;
    in_observer = true;
    observer->on_event(last);
    in_observer = false;
  }
  leave();
}

void Core::accuse_access(const void* address) {
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
  accuse(ViolationKind::out_of_bounds, Party{}, party_here(op), address,
         address == nullptr ? "a null pointer" : "memory that was never handed out");
}

bool Core::is_shared_by_host(const void* address) const {
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

void Core::accuse_deadlock() {
  char* to = text.data();
  std::size_t left = text.size();
  const Context* one = nullptr;
  const auto say = [&](const char* a, const char* b, const char* d) {
    const int written = std::snprintf(to, left, "%s%s%s", a, b, d);
    const std::size_t n = written < 0 ? 0 : static_cast<std::size_t>(written);
    if (n >= left) return;
    to += n;
    left -= n;
  };
  text[0] = '\0';
  const ContextSet waiting = blocked - idle_servers();
  for (const Context& context : contexts) {
    if (!waiting.contains(context.id)) continue;
    if (one == nullptr || one->kind == ContextKind::main) one = &context;
    say(to == text.data() ? "" : "; ", name_of(context.id).c_str(), " waits: ");
    say(name_of(context.waits_for), " in ", sites.site(context.site).function);
  }
  check(one != nullptr, "nobody can go on, and nobody waits");
  Party second;
  second.context = one->id;
  second.cpu = one->lane->cpu;
  second.op = one->waits_for;
  second.step = steps;
  second.site = sites.site(one->site);
  accuse(ViolationKind::deadlock, Party{}, second, one->wait_address, text.data());
}

void Core::illegal(Op op, SiteNumber site, const char* why) {
  current->site = site;
  accuse(ViolationKind::illegal_context, Party{}, party_here(op), nullptr, why);
}

void Core::require_sleepable(Op op, SiteNumber site, const char* why) {
  const Context& self = *current;
  require(self.kind == ContextKind::task || self.kind == ContextKind::main || self.kind == ContextKind::worker, op,
          site, why);
  require(self.lane->irqs_on(), op, site, why);
  for (const std::uint16_t open : self.sections) require(open == 0, op, site, why);
}

void Core::check_balanced(Op op) {
  const Context& self = *current;
  const char* what = nullptr;
  for (const std::uint16_t open : self.sections) {
    if (open != 0) what = "it ends inside a read section";
  }
  if (self.lock_count != 0) what = "it ends with a lock held";
  const bool nested = self.kind == ContextKind::program || self.kind == ContextKind::irq_work;
  if (!nested && self.lane->irq_depth != 0) what = "it ends with interrupts off";
  if (what != nullptr) accuse(ViolationKind::unbalanced, Party{}, party_here(op), nullptr, what);
}

void Core::accuse_if_same_head(const Callback& queued, const Word* head) {
  if (queued.head != head) return;
  const Party first = party(info_of(queued.site, queued.context, Op::call_rcu));
  accuse(ViolationKind::queued_twice, first, party_here(Op::call_rcu), head, "an rcu_head is queued twice");
}

// ---- events ----------------------------------------------------------------------------------------------------------

Event Core::event(EventKind kind, Op op) const {
  Event event;
  event.kind = kind;
  event.op = op;
  event.context = current->id;
  event.cpu = current->lane->cpu;
  event.step = steps;
  event.site = sites.site(current->site);
  return event;
}

void Core::emit(const Event& event) {
  if (observer == nullptr) return;
  in_observer = true;
  observer->on_event(event);
  in_observer = false;
  if (stop_text != nullptr) accuse_host();
}

void Core::emit_simple(EventKind kind, Op op, kernel::RcuFlavor flavor) {
  if (observer == nullptr) return;
  Event simple = event(kind, op);
  simple.flavor = flavor;
  emit(simple);
}

void Core::accuse_host() {
  outcome.end = End::violation;
  outcome.violation = Violation{
      ViolationKind::host, Party{}, party_here(pending[index_of(current->id)].op), nullptr, 0, 0, stop_code, stop_text};
  mix(stop_code);
  leave();
}

void Core::trace(Op op, kernel::Order order, const void* address, unsigned announced_bytes, Word value, Word other,
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

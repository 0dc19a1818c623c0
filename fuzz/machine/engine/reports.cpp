// What the machine tells: events, violations, and leaving a run.
//
// Job: fill in who, where and which object, hand it to the observer, and end the run where there is nothing to go on with.
#include <cstdio>
#include <cstring>

#include "machine/engine/engine.h"

namespace rcufarm::sim {

void Engine::leave() {
  // Straight to the host's stack. Nothing of this one is needed again.
  Fiber& from = *current_fiber;
  current_fiber = &host;
  switch_fiber(from, host, Back::by_return);
  fail("a run that was left went on");
}

void Engine::leave_at_limit(const char* name) {
  outcome.end = End::limit;
  outcome.limit = name;
  leave();
}

void Engine::give_up() {
  outcome.end = End::given_up;
  leave();
}

Party Engine::party(AccessInfo info) const {
  Party party;
  party.context = context_of(info);
  party.op = op_of(info);
  party.site = sites.site(site_of(info));
  const Lane* lane = contexts[index_of(party.context)].lane;
  if (lane != nullptr) party.cpu = lane->cpu;
  return party;
}

Party Engine::party_here(Op op) const {
  Party party;
  party.context = current->id;
  party.cpu = current->lane->cpu;
  party.op = op;
  party.step = steps;
  party.site = sites.site(current->site);
  return party;
}

void Engine::accuse(ViolationKind kind, const Party& first, const Party& second, const void* address, const char* why) {
  Event located;
  locate(located, address);
  if (located.object == 0) located.object = object_beside(address);
  outcome.end = End::violation;
  outcome.violation = Violation{kind, first, second, address, located.object, located.offset, 0, why};
  mix(static_cast<std::uint64_t>(kind));
  if (watched(EventKind::violation)) {
    Event last = event(EventKind::violation, second.op);
    locate(last, address);
    last.text = why;
    in_observer = true;
    observer->on_event(last);
    in_observer = false;
  }
  leave();
}

void Engine::accuse_deadlock() {
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
    say(name_of(context.waits_for, settings.vocabulary), " in ", sites.site(context.site).function);
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

void Engine::illegal(Op op, SiteNumber site, const char* why) {
  current->site = site;
  accuse(ViolationKind::illegal_context, Party{}, party_here(op), nullptr, why);
}

void Engine::require_sleepable(Op op, SiteNumber site, const char* why) {
  const Context& self = *current;
  require(self.kind == ContextKind::task || self.kind == ContextKind::main || self.kind == ContextKind::worker, op,
          site, why);
  require(self.lane->irqs_on(), op, site, why);
  for (const std::uint16_t open : self.sections) require(open == 0, op, site, why);
}

void Engine::accuse_unbalanced(Op op) {
  const Context& self = *current;
  const bool is_nested = self.kind == ContextKind::program || self.kind == ContextKind::irq_work;
  const char* what = "it ends inside a read section";
  if (self.lock_count != 0) what = "it ends with a lock held";
  if (!is_nested && self.lane->irq_depth != 0) what = "it ends with interrupts off";
  accuse(ViolationKind::unbalanced, Party{}, party_here(op), nullptr, what);
}

// ---- events ----------------------------------------------------------------------------------------------------------

Event Engine::event(EventKind kind, Op op) const {
  Event event;
  event.kind = kind;
  event.op = op;
  event.context = current->id;
  event.cpu = current->lane->cpu;
  event.step = steps;
  event.site = sites.site(current->site);
  return event;
}

void Engine::emit(const Event& event) {
  if (!watched(event.kind)) return;
  in_observer = true;
  observer->on_event(event);
  in_observer = false;
  if (stop_text != nullptr) accuse_host();
}

void Engine::emit_watched(EventKind kind, Op op, kernel::RcuFlavor flavor) {
  Event simple = event(kind, op);
  simple.flavor = flavor;
  emit(simple);
}

void Engine::accuse_host() {
  outcome.end = End::violation;
  outcome.violation = Violation{
      ViolationKind::host, Party{}, party_here(pending[index_of(current->id)].op), nullptr, 0, 0, stop_code, stop_text};
  mix(stop_code);
  leave();
}

}  // namespace rcufarm::sim

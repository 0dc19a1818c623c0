// RCU: read sections, callbacks, synchronize, barrier.
//
// Job: see rcu.h for how grace periods are modelled. The edges are those of alloc/kernel/README.md: from the end of a section
// to the callbacks and synchronize_rcu that were called after it began, and no more. Interrupts off, irqs and nmis hold a
// regular grace period up, but give no edge.
#include <algorithm>
#include <bit>

#include "machine/kernel/core.h"
#include "machine/memory/perform.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

using kernel::RcuFlavor;

namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};

unsigned index(RcuFlavor flavor) { return static_cast<unsigned>(flavor); }

std::uint64_t oldest_section(Core& c, RcuFlavor flavor) {
  std::uint64_t oldest = never;
  for (const ContextId reader : c.rcu.of(flavor).readers) {
    oldest = std::min(oldest, c.contexts[index_of(reader)].section_since[index(flavor)]);
  }
  if (flavor == RcuFlavor::tasks_trace) return oldest;
  for (std::uint64_t left = c.busy_lanes; left != 0; left &= left - 1) {
    oldest = std::min(oldest, c.lanes[std::countr_zero(left)].busy_since);
  }
  return oldest;
}

// visit(Callback&) for each that is queued.
template <class Visitor>
void for_each_queued(Core& c, RcuFlavor flavor, Visitor visit) {
  const RcuFlavorBooks& books = c.rcu.of(flavor);
  if (books.queued == 0) return;
  for (unsigned cpu = 0; cpu < c.settings.cpus; ++cpu) {
    for (std::uint16_t i = books.queues[cpu].first; i != 0; i = c.rcu.callbacks[i].next) visit(c.rcu.callbacks[i]);
  }
}

// The end of a section is before whatever was called after the section began.
void give_edges(Core& c, RcuFlavor flavor, std::uint64_t since) {
  RcuFlavorBooks& books = c.rcu.of(flavor);
  for_each_queued(c, flavor, [&](Callback& callback) {
    if (callback.called > since) c.join_into(callback.clock);
  });
  for (const ContextId id : books.waiting) {
    Context& waiter = c.contexts[index_of(id)];
    if (waiter.wait_tick > since) c.join_into(waiter.wait_clock);
  }
  c.join_into(books.ended_sections);
}

}  // namespace

// A grace period orders what its caller did before it with what sections do that it does not wait for.
static void grace_period_called(Core& c, RcuFlavor flavor) {
  if (!c.is_weak) return;
  c.join_into(c.rcu.of(flavor).calls);
  if (flavor == RcuFlavor::tasks_trace && c.settings.trace_implies_rcu_gp) {
    c.join_into(c.rcu.of(RcuFlavor::regular).calls);
  }
  c.advance();
}

void section_takes_over(Core& c, RcuFlavor flavor) { c.take_over(c.rcu.of(flavor).calls); }

void section_hands_on(Core& c, RcuFlavor flavor, std::uint64_t since) {
  give_edges(c, flavor, since);
  if (flavor == RcuFlavor::regular && c.settings.trace_implies_rcu_gp) give_edges(c, RcuFlavor::tasks_trace, since);
  c.advance();
}

std::uint64_t Core::oldest_reader(RcuFlavor flavor) {
  const std::uint64_t oldest = oldest_section(*this, flavor);
  // A tasks-trace grace period that implies a regular one waits for those readers, too.
  if (flavor == RcuFlavor::regular || !settings.trace_implies_rcu_gp) return oldest;
  return std::min(oldest, oldest_section(*this, RcuFlavor::regular));
}

void Core::section_begins(RcuFlavor flavor) {
  Context& self = *current;
  if (self.sections[index(flavor)] == section_depth_max) leave_at_limit("section_depth_max");
  if (self.sections[index(flavor)]++ != 0) return;
  uses_section(flavor);
  uses(Resources::reader());
  self.section_since[index(flavor)] = ++tick;
  rcu.of(flavor).readers |= self.alone;
  if (is_weak) [[unlikely]]
    section_takes_over(*this, flavor);
  emit_simple(EventKind::section_begin, Op::read_lock, flavor);
}

void Core::section_ends(RcuFlavor flavor) {
  Context& self = *current;
  check(self.sections[index(flavor)] != 0, "read_unlock without read_lock");
  if (--self.sections[index(flavor)] != 0) return;
  uses_section_end(flavor, self.section_since[index(flavor)]);
  uses(Resources::reader());
  rcu.of(flavor).readers -= self.alone;
  give_edges(*this, flavor, self.section_since[index(flavor)]);
  if (flavor == RcuFlavor::regular && settings.trace_implies_rcu_gp) {
    give_edges(*this, RcuFlavor::tasks_trace, self.section_since[index(flavor)]);
  }
  publish_user_clock();
  advance();
  emit_simple(EventKind::section_end, Op::read_unlock, flavor);
  readers_left(flavor);
}

// Does a callback or synchronize_rcu of the flavour wait for what began at tick `since`?
static bool is_awaited(Core& c, RcuFlavor flavor, std::uint64_t since) {
  bool awaited = false;
  for_each_queued(c, flavor, [&](const Callback& callback) { awaited = awaited || callback.called > since; });
  for (const ContextId id : c.rcu.of(flavor).waiting) {
    awaited = awaited || c.contexts[index_of(id)].wait_tick > since;
  }
  return awaited;
}

void Core::uses_section_end(RcuFlavor flavor, std::uint64_t since) {
  uses_section(flavor);
  if (!watches_steps) return;
  if (is_awaited(*this, flavor, since)) uses(Resources::awaited(flavor));
  const bool is_both = flavor == RcuFlavor::regular && settings.trace_implies_rcu_gp;
  if (is_both && is_awaited(*this, RcuFlavor::tasks_trace, since)) uses(Resources::awaited(RcuFlavor::tasks_trace));
}

void Core::readers_left(RcuFlavor flavor) {
  RcuFlavorBooks& books = rcu.of(flavor);
  if (books.queued != 0 || !books.waiting.is_empty()) {
    const std::uint64_t oldest = oldest_reader(flavor);
    for (unsigned cpu = 0; cpu < settings.cpus && books.queued != 0; ++cpu) {
      const CallbackQueue& queue = books.queues[cpu];
      if (queue.running || queue.first == 0 || rcu.callbacks[queue.first].called >= oldest) continue;
      Context& server = contexts[index_of(callback_context(flavor, cpu))];
      if (!ready.meets(server.alone)) wake(server);
    }
    for (const ContextId id : books.waiting) {
      Context& waiter = contexts[index_of(id)];
      if (waiter.waits_for == Op::synchronize_rcu && waiter.wait_tick < oldest) wake(waiter);
    }
  }
  if (flavor == RcuFlavor::regular && settings.trace_implies_rcu_gp) readers_left(RcuFlavor::tasks_trace);
}

// The events of a grace period: one for all that was called before the oldest reader that is left.
void Core::note_grace_period(RcuFlavor flavor, std::uint64_t called) {
  RcuFlavorBooks& books = rcu.of(flavor);
  if (called <= books.grace_periods_to) return;
  books.grace_periods_to = std::min(oldest_reader(flavor), tick + 1) - 1;
  mix(index(flavor));
  emit_simple(EventKind::grace_period, Op::none, flavor);
}

void Core::serve_callbacks() {
  Context& self = *current;
  const RcuFlavor flavor = flavor_of(self.id);
  RcuFlavorBooks& books = rcu.of(flavor);
  CallbackQueue& queue = books.queues[number_in_kind(self.id)];
  while (true) {
    uses(Resources::waited(flavor));
    uses_part(queue.first, true);
    const std::uint16_t taken = queue.first;
    const Callback callback = rcu.callbacks[taken];
    queue.first = callback.next;
    if (queue.first == 0) queue.last = 0;
    rcu.callbacks[taken].next = rcu.free;
    rcu.free = taken;
    --books.queued;
    queue.running = true;
    self.anchor.next_event();
    self.site = callback.site;
    note_grace_period(flavor, callback.called);
    if (is_weak) drain_all(*this);
    take_over(callback.clock);
    mix(callback.serial);
    pending[index_of(self.id)] = Pending{Op::call_rcu, false, callback.head};
    perform_own<Effect::mark>(*this, Op::call_rcu, kernel::Order::relaxed, callback.head, callback.site);
    if (watched(EventKind::callback_begin)) {
      Event begins = event(EventKind::callback_begin, Op::call_rcu);
      locate(begins, callback.head);
      begins.flavor = flavor;
      begins.other = callback.serial;
      emit(begins);
    }
    callback.invocation.invoke(callback.invocation.function, callback.head);
    check_balanced(Op::call_rcu);
    if (watched(EventKind::callback_end)) {
      Event ends = event(EventKind::callback_end, Op::call_rcu);
      ends.flavor = flavor;
      ends.other = callback.serial;
      emit(ends);
    }
    callback_done(flavor, number_in_kind(self.id));
    // When the next one begins is another decision.
    park(Op::call_rcu, nullptr);
    readers_left(flavor);
    wait_for_next_item();
  }
}

void Core::accuse_if_same_head(const Callback& queued, const Word* head) {
  if (queued.head != head) return;
  const Party first = party(info_of(queued.site, queued.context, Op::call_rcu));
  accuse(ViolationKind::queued_twice, first, party_here(Op::call_rcu), head, "an rcu_head is queued twice");
}

void Core::callback_done(RcuFlavor flavor, unsigned number) {
  RcuFlavorBooks& books = rcu.of(flavor);
  CallbackQueue& queue = books.queues[number];
  uses_part(queue.done, true);
  queue.running = false;
  ++queue.done;
  for (const ContextId id : books.barriers) {
    Context& waiter = contexts[index_of(id)];
    if (queue.done <= waiter.wait_counts[number]) join_into(waiter.wait_clock);
    bool all = true;
    for (unsigned cpu = 0; cpu < settings.cpus; ++cpu) all = all && books.queues[cpu].done >= waiter.wait_counts[cpu];
    if (all && waiter.waits_for == Op::rcu_barrier) wake(waiter);
  }
  join_into(books.done_callbacks);
  advance();
}

// ---- what the port calls ---------------------------------------------------------------------------------------------

void read_lock(RcuFlavor flavor, const Site& site) {
  Core& c = core();
  c.point(Op::read_lock, false, nullptr, c.sites.number_of(site));
  c.section_begins(flavor);
}

void read_unlock(RcuFlavor flavor, const Site& site) {
  Core& c = core();
  c.point(Op::read_unlock, false, nullptr, c.sites.number_of(site));
  c.section_ends(flavor);
}

void call_rcu(RcuFlavor flavor, Word* head, Invocation invocation, bool hurry, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require(!c.current->lane->in_nmi, Op::call_rcu, number, "call_rcu in an nmi");
  c.point(Op::call_rcu, true, head, number);
  for_each_queued(c, RcuFlavor::regular, [&](const Callback& other) { c.accuse_if_same_head(other, head); });
  for_each_queued(c, RcuFlavor::tasks_trace, [&](const Callback& other) { c.accuse_if_same_head(other, head); });
  perform_own<Effect::mark>(c, Op::call_rcu, kernel::Order::relaxed, head, number);
  c.mix(index(flavor));

  Rcu& rcu = c.rcu;
  std::uint16_t taken = rcu.free;
  if (taken != 0) {
    rcu.free = rcu.callbacks[taken].next;
  } else {
    if (rcu.used == callbacks_max) c.leave_at_limit("callbacks_max");
    taken = ++rcu.used;
  }
  RcuFlavorBooks& books = rcu.of(flavor);
  c.uses(Resources::grace_period(flavor));
  grace_period_called(c, flavor);
  Callback& callback = rcu.callbacks[taken];
  callback = Callback{head, invocation, ++c.tick, 0, ++rcu.serials, number, c.current->id, 0};
  // Sections that ended before now began before now.
  if (books.ended_sections != 0) {
    callback.clock = c.make_copy(c.clocks.at(books.ended_sections));
  }
  c.join_into(callback.clock);
  c.advance();
  // A callback queues on the CPU whose queue it is in; the workqueue on the first one.
  const ContextKind kind = c.current->kind;
  const unsigned cpu = c.current->lane->cpu != no_cpu  ? c.current->lane->cpu
                       : kind == ContextKind::callback ? number_in_kind(c.current->id)
                                                       : 0;
  CallbackQueue& queue = books.queues[cpu];
  if (queue.queued == 0) c.live(callback_context(flavor, cpu));
  c.uses_part(queue.first, true);
  c.uses_part(queue.queued, true);
  if (queue.last != 0) {
    rcu.callbacks[queue.last].next = taken;
  } else {
    queue.first = taken;
  }
  queue.last = taken;
  ++queue.queued;
  ++books.queued;
  if (c.watched(EventKind::call_rcu)) {
    Event event = c.event(EventKind::call_rcu, Op::call_rcu);
    c.locate(event, head);
    event.flavor = flavor;
    event.value = hurry ? 1 : 0;
    event.other = callback.serial;
    c.emit(event);
  }
  c.readers_left(flavor);
}

void synchronize_rcu(RcuFlavor flavor, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require_sleepable(Op::synchronize_rcu, number, "synchronize_rcu where sleeping is illegal");
  c.point(Op::synchronize_rcu, false, nullptr, number);
  c.emit_simple(EventKind::synchronize_begin, Op::synchronize_rcu, flavor);
  Context& self = *c.current;
  RcuFlavorBooks& books = c.rcu.of(flavor);
  if (c.is_weak) fence(c, Fence::full);
  grace_period_called(c, flavor);
  c.uses(Resources::grace_period(flavor));
  self.wait_tick = ++c.tick;
  self.wait_clock = 0;
  if (books.ended_sections != 0) {
    self.wait_clock = c.make_copy(c.clocks.at(books.ended_sections));
  }
  books.waiting |= self.alone;
  while (self.wait_tick >= c.oldest_reader(flavor)) {
    c.block(Op::synchronize_rcu, nullptr);
    c.uses(Resources::waited(flavor));
  }
  books.waiting -= self.alone;
  c.note_grace_period(flavor, self.wait_tick);
  if (c.is_weak) {
    drain_all(c);
    fence(c, Fence::full);
  }
  c.take_over(self.wait_clock);
  c.mix(index(flavor));
  c.emit_simple(EventKind::synchronize_end, Op::synchronize_rcu, flavor);
}

void rcu_barrier(RcuFlavor flavor, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require_sleepable(Op::rcu_barrier, number, "rcu_barrier where sleeping is illegal");
  c.point(Op::rcu_barrier, false, nullptr, number);
  c.emit_simple(EventKind::barrier_begin, Op::rcu_barrier, flavor);
  Context& self = *c.current;
  RcuFlavorBooks& books = c.rcu.of(flavor);
  bool wait = false;
  for (unsigned cpu = 0; cpu < c.settings.cpus; ++cpu) {
    c.uses_part(books.queues[cpu].queued, false);
    c.uses_part(books.queues[cpu].done, false);
    self.wait_counts[cpu] = books.queues[cpu].queued;
    wait = wait || books.queues[cpu].done < books.queues[cpu].queued;
  }
  self.wait_clock = 0;
  if (books.done_callbacks != 0) {
    self.wait_clock = c.make_copy(c.clocks.at(books.done_callbacks));
  }
  if (wait) {
    books.barriers |= self.alone;
    c.block(Op::rcu_barrier, nullptr);
    books.barriers -= self.alone;
    for (unsigned cpu = 0; cpu < c.settings.cpus; ++cpu) c.uses_part(books.queues[cpu].done, false);
  }
  if (c.is_weak) fence(c, Fence::full);
  c.take_over(self.wait_clock);
  c.mix(index(flavor));
  c.emit_simple(EventKind::barrier_end, Op::rcu_barrier, flavor);
}

bool trace_implies_rcu_gp() { return core().settings.trace_implies_rcu_gp; }

void request_urgent_qs(const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require(!c.current->lane->in_nmi, Op::request_urgent_qs, number, "rcu_request_urgent_qs in an nmi");
  c.point(Op::request_urgent_qs, false, nullptr, number);
  c.emit_simple(EventKind::urgent_qs, Op::request_urgent_qs);
}

}  // namespace rcufarm::sim

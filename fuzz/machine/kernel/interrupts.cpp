// Interrupts: nested programs, irq_work, interrupts off.
//
// Job: what comes over a context on its own CPU, and what keeps it away. A nested context runs on the stack of what it came
// over, and is a context of its own to the scheduler: other CPUs go on while it runs. irq_work comes by itself, at the moment
// when interrupts are on; programs come when the schedule says so.
#include "machine/kernel/core.h"
#include "machine/memory/perform.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

namespace {
constexpr Word work_pending = 1;
constexpr Word work_busy = 2;
}  // namespace

void Core::become_quiet(Lane& lane) {
  if (lane.irq_depth != 0 || lane.in_irq || lane.in_nmi) return;
  if (is_weak && lane.busy_since != 0) section_hands_on(*this, kernel::RcuFlavor::regular, lane.busy_since);
  uses_section_end(kernel::RcuFlavor::regular, lane.busy_since);
  lane.busy_since = 0;
  busy_lanes &= ~(std::uint64_t{1} << lane.number);
  readers_left(kernel::RcuFlavor::regular);
}

void Core::enter_nested(Context& context, Over over) {
  Lane& lane = *context.lane;
  Context& under = innermost_of(lane);
  context.below = &under;
  context.fiber = under.fiber;
  context.started = true;
  lane.top = &context;
  uses(lane.state);
  if (over != Over::thread) {
    (over == Over::nmi ? lane.in_nmi : lane.in_irq) = true;
    if (lane.busy_since == 0) become_busy(lane);
  }
  current = &context;
  ready |= context.alone;
  context.anchor.next_event();
  refresh(lane);
}

void Core::leave_nested(Context& context, Over over) {
  Lane& lane = *context.lane;
  check_balanced(Op::none);
  ready -= context.alone;
  if (over != Over::thread) (over == Over::nmi ? lane.in_nmi : lane.in_irq) = false;
  Context& under = *context.below;
  const bool under_is_nested = under.kind == ContextKind::program || under.kind == ContextKind::irq_work;
  lane.top = under_is_nested ? &under : nullptr;
  lane.last_ended = &context;
  uses(lane.state);
  context.anchor.next_point();  // an empty CPU's next decision is anchored behind the last one
  current = &under;
  // The return from an interrupt serialises.
  if (is_weak) before_handing_on(*this);
  become_quiet(lane);
  refresh(lane);
}

void Core::run_program(Context& context, std::uint32_t quiet) {
  const ProgramSpec& spec = program->programs[number_in_kind(context.id)];
  const Over over = spec.kind == kernel::Context::nmi ? Over::nmi : Over::irq;
  uses(Resources::program(number_in_kind(context.id)));
  if (--context.raised == 0) raised -= context.alone;
  enter_nested(context, over);
  take_over(context.clock);
  mix(index_of(context.id));
  emit_simple(EventKind::program_begin);
  set_budget(std::uint64_t{quiet} + 1);  // it was chosen for its first operation too
  spec.run(spec.argument);
  uses(Resources::program(number_in_kind(context.id)));
  emit_simple(EventKind::program_end);
  join_into(programs_ended);
  advance();
  leave_nested(context, over);
  run_irq_works(*context.lane);
  wake_quiescing();
}

// In a thread (PREEMPT_RT) one comes after the other, and interrupts come over it. It goes before the tasks of its CPU, so that it
// begins as soon as interrupts are on, too.
void Core::run_irq_works(Lane& lane) {
  const Over over = settings.irq_work_in_thread ? Over::thread : Over::irq;
  if (over == Over::thread && lane.work_running != nullptr) return;
  while (lane.works_count != 0 && lane.irqs_on()) {
    const RaisedWork work = lane.works[lane.works_first];
    lane.works_first = (lane.works_first + 1) % irq_works_max;
    --lane.works_count;
    Context& context = live(irq_work_context(lane.cpu));
    lane.work_running = work.word;
    lane.work_running_site = work.site;
    enter_nested(context, over);
    context.site = work.site;
    perform_own<Effect::store>(*this, Op::irq_work_claim, kernel::Order::relaxed, work.word, work.site, work_busy);
    if (watched(EventKind::irq_work_begin)) {
      Event begins = event(EventKind::irq_work_begin);
      locate(begins, work.word);
      emit(begins);
    }
    work.invocation.invoke(work.invocation.function, work.word);
    // The item is touched after its function: whoever frees it has to have synchronised.
    context.site = work.site;
    pending[index_of(context.id)] = Pending{Op::irq_work_raise, true, work.word};
    shadow_of(work.word);  // alive? Before it is looked at
    perform_own<Effect::exchange>(*this, Op::irq_work_claim, kernel::Order::release, work.word, work.site,
                                  *work.word & ~work_busy);
    if (watched(EventKind::irq_work_end)) {
      Event ends = event(EventKind::irq_work_end);
      locate(ends, work.word);
      emit(ends);
    }
    lane.work_running = nullptr;
    leave_nested(context, over);
    if (*work.word == 0) wake_waiters(Op::irq_work_sync, work.word);
  }
}

void Core::irq_off(SiteNumber site) {
  Lane* lane = current->lane;
  if (lane->irq_depth == 0) {
    point(Op::irq_off, false, nullptr, site);
    lane = current->lane;
    ++lane->irq_depth;
    uses(lane->state);
    if (lane->busy_since == 0) become_busy(*lane);
    refresh(*lane);
    if (tracing) [[unlikely]]
      emit_simple(EventKind::irq_off);
    return;
  }
  ++lane->irq_depth;
}

void Core::irq_on(SiteNumber) {
  Lane& lane = *current->lane;
  check(lane.irq_depth != 0, "irq_on without irq_off");
  if (--lane.irq_depth != 0) return;
  uses(lane.state);
  if (tracing) [[unlikely]]
    emit_simple(EventKind::irq_on);
  become_quiet(lane);
  refresh(lane);
  if (lane.works_count != 0) run_irq_works(lane);
}

void Core::wake_quiescing() {
  if (!blocked.is_empty() && no_program_left()) wake_waiters(Op::wait, &raised);
}

bool Core::no_program_left() const {
  if (!raised.is_empty()) return false;
  for (unsigned i = 0; i < settings.cpus; ++i) {
    for (const Context* nested = lanes[i].top; nested != nullptr; nested = nested->below) {
      if (nested->kind == ContextKind::program) return false;
      if (nested->kind != ContextKind::irq_work) break;
    }
  }
  return true;
}

// ---- what the port calls ---------------------------------------------------------------------------------------------

void irq_off(const Site& site) {
  Core& c = core();
  c.irq_off(c.sites.number_of(site));
}

void irq_on(const Site& site) {
  Core& c = core();
  c.irq_on(c.sites.number_of(site));
}

bool irq_work_queue(Word* word, Invocation invocation, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require(c.current->lane->cpu != no_cpu, Op::irq_work_claim, number,
            "irq_work_queue in a callback: no CPU is its own");
  c.point(Op::irq_work_claim, true, word, number);
  c.shadow_of(word);  // alive? Before it is looked at
  const Word seen = *word;
  perform_own<Effect::exchange>(c, Op::irq_work_claim, kernel::Order::relaxed, word, number, seen | work_pending);
  const bool claimed = (seen & work_pending) == 0;
  c.mix(claimed ? 1U : 0U);
  if (!claimed) return false;
  ++c.held;
  c.current->claimed = word;
  c.current->claim_site = number;
  if (c.watched(EventKind::irq_work_claimed)) {
    Event event = c.event(EventKind::irq_work_claimed, Op::irq_work_claim);
    c.locate(event, word);
    c.emit(event);
  }
  c.point(Op::irq_work_raise, false, nullptr, number);
  Lane& lane = *c.current->lane;
  if (lane.works_count == irq_works_max) c.leave_at_limit("irq_works_max");
  lane.works[(lane.works_first + lane.works_count) % irq_works_max] = RaisedWork{word, invocation, number};
  ++lane.works_count;
  c.uses(lane.state);
  --c.held;
  c.current->claimed = nullptr;
  if (c.watched(EventKind::irq_work_raised)) {
    Event event = c.event(EventKind::irq_work_raised, Op::irq_work_raise);
    c.locate(event, word);
    c.emit(event);
  }
  c.run_irq_works(lane);
  return true;
}

void irq_work_sync(Word* word, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  const Context& self = *c.current;
  const Lane& lane = *self.lane;
  c.require(lane.irqs_on(), Op::irq_work_sync, number, "irq_work_sync with interrupts off, in an irq or an nmi");
  c.require(self.sections[0] == 0, Op::irq_work_sync, number, "irq_work_sync in a regular read section");
  c.point(Op::irq_work_sync, false, word, number);
  while (true) {
    c.shadow_of(word);  // alive? Before it is looked at
    if (*word == 0) {
      perform_own<Effect::load>(c, Op::irq_work_sync, kernel::Order::acquire, word, number);
      return;
    }
    c.block(Op::irq_work_sync, word);
  }
}

}  // namespace rcufarm::sim

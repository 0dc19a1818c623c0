// The workqueue, and the port's odds and ends.
//
// Job: works run one after another, in task context, on no CPU in particular.
#include "machine/kernel/core.h"
#include "machine/memory/perform.h"

namespace rcufarm::sim {

void Core::serve_works() {
  Context& self = *current;
  while (true) {
    uses(Resources::workqueue());
    const PendingWork work = works[works_first];
    works_first = (works_first + 1) % works_max;
    --works_count;
    self.anchor.next_event();
    self.site = work.site;
    take_over(work.clock);
    pending[index_of(self.id)] = Pending{Op::queue_work, false, work.word};
    perform_own<Effect::mark>(*this, Op::queue_work, kernel::Order::relaxed, work.word, work.site);
    if (watched(EventKind::work_begin)) {
      Event begins = event(EventKind::work_begin, Op::queue_work);
      locate(begins, work.word);
      emit(begins);
    }
    work.invocation.invoke(work.invocation.function, work.word);
    check_balanced(Op::queue_work);
    emit_simple(EventKind::work_end, Op::queue_work);
    wake_host_waits();
    // When the next one begins is another decision.
    uses(Resources::workqueue());
    park(Op::queue_work, nullptr);
    if (works_count != 0) wake(self);
    wait_for_next_item();
  }
}

void queue_work(Word* word, Invocation invocation, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require(!c.current->lane->in_nmi, Op::queue_work, number, "queue_work in an nmi");
  c.point(Op::queue_work, true, word, number);
  c.uses(Resources::workqueue());
  for (unsigned i = 0; i < c.works_count; ++i) {
    const PendingWork& other = c.works[(c.works_first + i) % works_max];
    if (other.word != word) continue;
    Party first = c.party_here(Op::queue_work);
    first.site = c.sites.site(other.site);
    c.accuse(ViolationKind::queued_twice, first, c.party_here(Op::queue_work), word, "a work is queued twice");
  }
  perform_own<Effect::mark>(c, Op::queue_work, kernel::Order::relaxed, word, number);
  if (c.works_count == works_max) c.leave_at_limit("works_max");
  c.works[(c.works_first + c.works_count) % works_max] = PendingWork{word, invocation, number, c.copy_of_clock()};
  ++c.works_count;
  if (c.watched(EventKind::work_queued)) {
    Event event = c.event(EventKind::work_queued, Op::queue_work);
    c.locate(event, word);
    c.emit(event);
  }
  Context& worker = c.live(worker_context);
  if (!worker.started || worker.waits_for == Op::queue_work) c.wake(worker);
}

unsigned this_cpu() {
  Core& c = core();
  c.require(c.current->lane->cpu != no_cpu, Op::none, c.current->site,
            "smp_processor_id or this_cpu in a callback or a work: no CPU is its own");
  return c.current->lane->cpu;
}

unsigned cpu_count() { return core().settings.cpus; }

void cpu_relax(const Site& site) {
  Core& c = core();
  c.current->yields = true;
  c.budget = 0;
  c.point(Op::cpu_relax, false, nullptr, c.sites.number_of(site));
}

void warn(const char* text, const Site& site) {
  Core& c = core();
  c.current->site = c.sites.number_of(site);
  Event event = c.event(EventKind::warn);
  event.text = text;
  c.mix(1);
  c.emit(event);
}

void misuse(const char* call, const char* what, const void* object, const Site& site) {
  Core& c = core();
  c.current->site = c.sites.number_of(site);
  Event event = c.event(EventKind::misuse);
  event.text = what;
  event.site.function = call;
  c.locate(event, object);
  c.mix(2);
  c.emit(event);
}

}  // namespace rcufarm::sim

// What a host's functions ask of the machine in a run.
//
// Job: the member functions of Machine that tasks and programs call, and those that look at the machine's books.
#include <algorithm>

#include "machine/engine/fiber.h"
#include "machine/kernel/core.h"
#include "machine/machine.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

namespace {
bool is_task(const Core& c) { return c.current->kind == ContextKind::task || c.current->kind == ContextKind::main; }
}  // namespace

ContextId Machine::context() const { return core_->current->id; }
std::uint8_t Machine::cpu() const { return core_->current->lane->cpu; }
std::uint64_t Machine::step() const { return core_->steps; }
std::uint64_t Machine::switches() const { return core_->outcome.switches; }

void Machine::begin_call(std::uint64_t number, const Site& site) {
  Core& c = *core_;
  Context& self = *c.current;
  self.anchor.next_event();
  c.point(Op::call, false, nullptr, c.sites.number_of(site));
  check(!self.in_call, "begin_call inside a call");
  c.uses(Resources::user());
  self.in_call = true;
  self.call = number;
  self.call_irq_depth = self.lane->irq_depth;
  self.call_locks = self.lock_count;
  self.call_sections = self.sections;
  c.mix(number);
  if (!c.watched(EventKind::call_begin)) return;
  Event event = c.event(EventKind::call_begin, Op::call);
  event.value = number;
  c.emit(event);
}

void Machine::end_call(const Site& site) {
  Core& c = *core_;
  Context& self = *c.current;
  check(self.in_call, "end_call without begin_call");
  // The host looks at memory, and writes it.
  if (c.is_weak) settle_announced(c);
  self.anchor.next_event();
  c.point(Op::call, false, nullptr, c.sites.number_of(site));
  if (self.lane->irq_depth != self.call_irq_depth || self.lock_count != self.call_locks ||
      self.sections != self.call_sections) {
    c.accuse(ViolationKind::unbalanced, Party{}, c.party_here(Op::call), nullptr,
             "a call ends with interrupts, locks or read sections not as it found them");
  }
  self.in_call = false;
  c.uses(Resources::user());
  c.publish_user_clock();
  if (!c.watched(EventKind::call_end)) return;
  Event event = c.event(EventKind::call_end, Op::call);
  event.value = self.call;
  c.emit(event);
}

void Machine::migrate(unsigned cpu, const Site& site) {
  Core& c = *core_;
  Context& self = *c.current;
  check(cpu < c.settings.cpus, "migrate: there is no such CPU");
  check(is_task(c) && !self.in_call && self.lane->irqs_on(), "migrate: a task only, outside calls, interrupts on");
  c.point(Op::migrate, false, nullptr, c.sites.number_of(site));
  Lane& from = *self.lane;
  Lane& to = c.lanes[cpu];
  if (&from == &to) return;
  c.publish_user_clock();
  if (c.is_weak) switch_task(c, from);
  c.uses(from.state | to.state);
  from.base = nullptr;
  from.domain -= self.alone;
  c.candidates -= self.alone;
  to.domain |= self.alone;
  self.lane = &to;
  c.take_over(self.clock);
  c.mix(cpu);
  if (c.watched(EventKind::migrate)) {
    Event event = c.event(EventKind::migrate, Op::migrate);
    event.value = from.cpu;
    c.emit(event);
  }
  c.refresh(from);
  c.refresh(to);
  // The CPU that it comes to is at work on something, perhaps: there it waits for its turn.
  c.wait_for_turn();
}

void Machine::yield(const Site& site) { cpu_relax(site); }

void Machine::touch(const void* address, bool writes, const Site& site) {
  Core& c = *core_;
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::touch, writes, address, number);
  const char* word = static_cast<const char*>(address) - reinterpret_cast<std::uintptr_t>(address) % sizeof(Word);
  Shadow& shadow = c.shadow_of(word);
  c.on_touch(shadow, c.here(Op::touch));
  c.publish_user_clock();
  c.mix(shadow.number);
  if (!c.tracing) return;
  Event event = c.event(EventKind::access, Op::touch);
  c.locate(event, address);
  c.emit(event);
}

void Machine::raise(unsigned program, const Site& site) {
  Core& c = *core_;
  check(program < c.program->programs.size(), "raise: there is no such program");
  c.point(Op::call, false, nullptr, c.sites.number_of(site));
  c.uses(Resources::program(program));
  Context& context = c.contexts[index_of(program_context(program))];
  if (context.raised == raised_max) return;
  ++context.raised;
  c.publish_user_clock();
  c.raised |= context.alone;
  c.join_into(context.clock);
  c.advance();
  if (c.watched(EventKind::program_raised)) {
    Event event = c.event(EventKind::program_raised, Op::call);
    event.value = program;
    c.emit(event);
  }
  c.refresh(*context.lane);
}

void Machine::quiesce_programs(const Site& site) {
  Core& c = *core_;
  check(is_task(c) && !c.current->in_call && c.current->lane->irqs_on(),
        "quiesce_programs: a task only, outside calls");
  c.point(Op::wait, false, nullptr, c.sites.number_of(site));
  c.publish_user_clock();
  c.uses(Resources::all_programs());
  while (!c.no_program_left()) {
    c.block(Op::wait, &c.raised);
    c.uses(Resources::all_programs());
  }
  c.take_over(c.programs_ended);
}

void Machine::wait(bool (*ready)(void*), void* argument, const Site& site) {
  Core& c = *core_;
  check(is_task(c) && c.current->lane->irqs_on(), "wait: a task only, interrupts on");
  c.point(Op::wait, false, nullptr, c.sites.number_of(site));
  c.publish_user_clock();
  c.wait_until(ready, argument);
}

void Machine::uses_books_of(std::uint32_t serial) {
  Core& c = *core_;
  if (c.watches_steps) c.touches(&c.memory.object(serial), 1, true);
}

void Machine::notify() { core_->wake_host_waits(); }

void Machine::publish() { core_->publish_user_clock(); }
void Machine::join_all() { core_->join_all(); }
void Machine::order_all() {
  Core& c = *core_;
  c.for_each_lane([&c](const Lane& lane) { c.clocks.join(lane.clock, c.clock()); });
  c.advance();
}

// Tasks and programs, at the end of the last thing that they did as users. Nothing of callbacks, works and irq_work that
// came later: who needs to come after those has to wait for them.
void Core::join_all() {
  uses(Resources::waits());
  if (is_weak) drain_all(*this);
  for (unsigned i = 0; i < program->tasks.size(); ++i) take_over(contexts[index_of(task_context(i))].clock);
  take_over(contexts[index_of(main_context)].clock);
  take_over(programs_ended);
}

void Core::publish_user_clock() {
  Context& self = *current;
  if (self.kind != ContextKind::task && self.kind != ContextKind::main) return;
  if (self.clock == 0) {
    self.clock = make_copy(clock());
  } else {
    clocks.copy(clocks.at(self.clock), clock());
  }
  if (is_weak) join_loaded(*this, clocks.at(self.clock));
  advance();
}

void Machine::fail_next(unsigned n) { core_->current->fail_next += n; }

void Machine::stop(std::uint64_t code, const char* text) {
  Core& c = *core_;
  c.stop_code = code;
  c.stop_text = text;
  if (!c.in_observer) c.accuse_host();
}

void* Machine::host_memory(std::size_t bytes) { return core_->memory.host_memory(bytes); }

bool Machine::is_behind_a_stack(const void* address) const {
  return std::any_of(core_->fibers.begin(), core_->fibers.end(), [address](const Fiber& fiber) {
    return fiber.stack != nullptr &&
           reinterpret_cast<std::uintptr_t>(fiber.stack) - 1 - reinterpret_cast<std::uintptr_t>(address) <
               stack_guard_bytes();
  });
}

void Machine::share(const void* begin, std::size_t bytes) {
  Core& c = *core_;
  check(c.host_range_count < c.host_ranges.size(), "share: at most 16 ranges");
  c.host_ranges[c.host_range_count++] = Core::HostRange{static_cast<const char*>(begin), bytes};
}

// ---- the books -------------------------------------------------------------------------------------------------------

std::size_t Machine::object_count() const { return core_->memory.object_count(); }
ObjectInfo Machine::object(std::size_t index) const {
  check(index < object_count(), "object: there is no such allocation");
  return core_->info_about(static_cast<std::uint32_t>(index) + 1);
}

ObjectInfo Machine::object_at(const void* address) const {
  const std::size_t offset = core_->memory.offset_of(address);
  if (offset >= arena_bytes) return {};
  core_->memory.back(offset);
  const Slot& slot = core_->memory.slot_at(offset);
  return slot.state == SlotState::never || slot.object == 0 ? ObjectInfo{} : core_->info_about(slot.object);
}

ObjectInfo Core::info_about(std::uint32_t serial) const {
  const ObjectRecord& object = memory.object(serial);
  ObjectInfo info;
  info.kind = object.kind;
  info.alive = object.alive;
  info.serial = serial;
  info.address = memory.address_of(object);
  info.bytes = object.bytes;
  info.ksize = object.ksize;
  info.allocated = party(object.allocated);
  info.allocated.cpu = object.allocated_cpu;
  info.allocated.step = object.allocated_step;
  if (!object.alive) {
    info.freed = party(object.freed);
    info.freed.cpu = object.freed_cpu;
    info.freed.step = object.freed_step;
  }
  return info;
}

std::uint32_t Machine::new_part(const void* address, std::size_t bytes) {
  Core& c = *core_;
  const std::uint32_t serial = c.memory.new_part(address, bytes);
  if (serial == 0) c.leave_at_limit("arena_bytes");
  ObjectRecord& part = c.memory.object(serial);
  part.allocated = c.here(Op::call);
  part.allocated_cpu = c.current->lane->cpu;
  part.allocated_step = c.steps;
  return serial;
}

std::size_t Machine::room_in_shared(const void* address) const {
  for (unsigned i = 0; i < core_->host_range_count; ++i) {
    const Core::HostRange& range = core_->host_ranges[i];
    const auto offset = reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(range.begin);
    if (offset < range.bytes) return range.bytes - offset;
  }
  return 0;
}

std::size_t Machine::live_objects() const { return core_->memory.live_objects(); }
std::uint64_t Machine::objcg_objects() const { return core_->objcg_objects; }
std::uint64_t Machine::objcg_bytes() const { return core_->objcg_bytes; }
void Machine::lift_objcg_limit() { core_->settings.objcg_objects_max = core_->settings.objcg_bytes_max = 0; }
std::uint64_t Machine::objcg_references() const { return core_->objcg_references; }

std::uint64_t Machine::allocations_refused(kernel::AllocFailure why) const {
  return core_->refused[static_cast<std::size_t>(why)];
}

std::uint64_t Machine::callbacks_done(kernel::RcuFlavor flavor) const {
  std::uint64_t count = 0;
  for (const CallbackQueue& queue : core_->rcu.of(flavor).queues) count += queue.done;
  return count;
}

std::size_t Machine::callbacks_in_flight(kernel::RcuFlavor flavor) const {
  std::size_t count = 0;
  for (const CallbackQueue& queue : core_->rcu.of(flavor).queues) count += queue.queued - queue.done;
  return count;
}

}  // namespace rcufarm::sim

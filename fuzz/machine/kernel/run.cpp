// A run, from beginning to end.
//
// Job: set the machine to its initial state, without touching more than this program can use, and go from the host's stack
// to the first context and back.
#include <algorithm>

#include "machine/kernel/core.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

void Core::set_up_context(ContextId id, Lane& lane) {
  Context& context = contexts[index_of(id)];
  context.begin_run(lane);
  lane.domain |= context.alone;
  live_contexts |= context.alone;
  pending[index_of(id)] = Pending{Op::start, false, nullptr};
}

void Core::set_up_lane(Lane& lane, std::uint8_t cpu) {
  static_cast<LaneState&>(lane) = {};
  lane.irq_programs = lane.nmi_programs = {};
  lane.cpu = cpu;
  lane.state = cpu == no_cpu ? Resources() : Resources::of_cpu(cpu);
  lane.clock = clocks.at(clocks.make(clocks.width()));
  lane.epoch = epoch_of(clocks.next_entry(), 1);
  lane.own = lane.clock + entry_of(lane.epoch);
  *lane.own = 1;
  live_lanes |= std::uint64_t{1} << lane.number;
  if (is_weak) begin_weak(*this, lane);
}

void Core::set_up_late(ContextId id) {
  const unsigned number = number_in_kind(id);
  if (kind_of(id) == ContextKind::irq_work) return set_up_context(id, lanes[number]);
  Lane& lane = lanes[id == worker_context ? lane_count - 1
                                          : settings.cpus * (1 + static_cast<unsigned>(flavor_of(id))) + number];
  set_up_lane(lane, no_cpu);
  if (tasks_began != 0) clocks.join(lane.clock, clocks.at(tasks_began));
  set_up_context(id, lane);
}

void Core::set_up() {
  const Program& p = *program;
  check(settings.cpus >= 1 && settings.cpus <= cpus_max, "a machine has 1 to 8 CPUs (Settings::cpus)");
  check(settings.points_max <= steps_max, "Settings::points_max is above steps_max");
  check(p.tasks.size() <= tasks_max, "too many tasks: limits.h says how many");
  check(p.programs.size() <= programs_max, "too many irq and nmi programs: limits.h says how many");

  if (outcome.end != End::finished) outcome = Outcome{};
  outcome.switches = outcome.store_choices = 0;
  is_weak = settings.model != MemoryModel::sc;
  tracing = settings.trace && observer != nullptr;
  ignores_order = !settings.check_order;
  watches_steps = strategy->watches_steps();
  strategy_watches = watches_steps || strategy->watches_operations();
  word_to_ask_at = strategy->word_to_ask_at();
  if (word_to_ask_at == nullptr) word_to_ask_at = this;
  footprint.is_open = footprint.begins = false;
  footprint.count = 0;
  main_ended = were_cut_off = false;
  started = {};
  starter = nullptr;
  stop_text = nullptr;
  in_observer = false;
  steps = unasked = budget = tick = digest = 0;
  is_changed = true;
  drawn_context = nullptr;
  learner = nullptr;
  attend();
  if (sharing != nullptr) sharing->begin_run();
  ready = raised = candidates = blocked = host_waits = live_contexts = {};
  deviation_count = 0;
  programs_ended = 0;
  held = 0;
  works_first = works_count = 0;
  set_up_slab();
  memory.reset(settings.slab_reuse);
  stores = 0;
  if (is_weak && weak == nullptr) weak = std::make_unique<Weak>();
  rcu.reset();

  lane_count = settings.cpus * (1 + kernel::rcu_flavor_count) + 1;
  clocks.reset(lane_count);
  if (is_weak) begin_weak(*this);
  live_lanes = busy_lanes = 0;
  tasks_began = 0;
  for (unsigned cpu = 0; cpu < settings.cpus; ++cpu) set_up_lane(lanes[cpu], static_cast<std::uint8_t>(cpu));
  set_up_context(main_context, lanes[0]);
  for (unsigned i = 0; i < p.tasks.size(); ++i) {
    check(p.tasks[i].cpu < settings.cpus, "a task is on a CPU that the machine does not have");
    set_up_context(task_context(i), lanes[p.tasks[i].cpu]);
  }
  for (unsigned i = 0; i < p.programs.size(); ++i) {
    check(p.programs[i].cpu < settings.cpus, "a program is for a CPU that the machine does not have");
    check(p.programs[i].kind != kernel::Context::task, "a nested program is an irq or an nmi");
    Lane& lane = lanes[p.programs[i].cpu];
    set_up_context(program_context(i), lane);
    (p.programs[i].kind == kernel::Context::nmi ? lane.nmi_programs : lane.irq_programs).insert(program_context(i));
  }
  tasks_left = static_cast<unsigned>(p.tasks.size());
}

// Everything in the prologue happens before everything in a task, but for those that began in it.
void Core::start_tasks() {
  if (is_weak) drain_all(*this);
  for_each_lane([this](Lane& lane) {
    if (lane.clock != clock() && !lane.domain.meets(started)) clocks.join(lane.clock, clock());
  });
  tasks_began = make_copy(clock());
  advance();
  lead_tasks(tasks_left);
}

void Core::main_body() {
  current->anchor.next_event();
  if (program->prologue != nullptr) program->prologue(program->argument);
  learner = sharing;
  attend();
  if (tasks_left != 0) {
    check_balanced(Op::none);
    start_tasks();
    uses(Resources::waits());
    join_all();
  }
  current->anchor.next_event();
  if (sharing != nullptr) sharing->begin_epilogue();
  if (program->epilogue != nullptr) program->epilogue(program->argument);
}

void Core::run_context(Context& self) {
  switch (self.kind) {
    case ContextKind::main: return main_body();
    case ContextKind::callback: return serve_callbacks();
    case ContextKind::worker: return serve_works();
    case ContextKind::task:
    case ContextKind::program:
    case ContextKind::irq_work:
    case ContextKind::idle: break;
  }
  fail("this context has no life of its own");
}

void Core::task_switched(Lane& lane) { switch_task(*this, lane); }

const Outcome& Core::run(const Settings& new_settings, const Program& new_program, Strategy& new_strategy) {
  check(engine_of_thread == nullptr, "a run inside a run");
  settings = new_settings;
  program = &new_program;
  strategy = &new_strategy.of_run();
  engine_of_thread = this;
  set_up();
  Context& main = contexts[index_of(main_context)];
  ready = candidates = main.alone;
  current = &main;
  lanes[0].base = &main;
  set_budget(quiet_for_ever);
  start_context(main);
  current_fiber = &host;
  go(*main.fiber);
  // Back from leave().
  if (is_weak) settle_announced(*this);
  engine_of_thread = nullptr;
  if (watches_steps) {
    // Who ends a run in the middle goes before all that the others had still to do.
    if (outcome.end != End::finished) footprint.is_everything = true;
    step_ends();
  }
  outcome.points = steps;
  outcome.unasked = unasked;
  outcome.digest = digest;
  outcome.deviations = {deviations.get(), deviation_count};
  new_strategy.end_run(steps - unasked, outcome.end);
  return outcome;
}

}  // namespace rcufarm::sim

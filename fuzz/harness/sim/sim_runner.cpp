#include "harness/sim/sim_runner.h"

#include <algorithm>
#include <array>

#include "harness/sim/crash_guard.h"
#include "harness/sim/frames.h"
#include "harness/sim/inspect.h"
#include "harness/sim/pile.h"
#include "harness/sim/settle.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_settings.h"
#include "harness/sim/sim_task.h"
#include "harness/sim/sim_user.h"
#include "harness/sim/stall_guard.h"
#include "harness/sim/state_map.h"
#include "machine/search/strategy_replay.h"
#include "oracle/from_violation.h"
#include "oracle/panel.h"
#include "oracle/provenance.h"
#include "oracle/signature.h"
#include "oracle/words.h"

namespace rcufarm::harness {

bool SimOutcome::has_stalled() const {
  return machine.end == sim::End::violation && machine.violation.host_code == oracle::stall_code;
}

bool SimOutcome::is_long() const {
  constexpr std::uint64_t points_of_a_long_run = 50'000;
  return machine.points >= points_of_a_long_run || has_stalled();
}

// Everything that a run needs, made once.
class SimRunner::Impl final : public UserSink, public sim::Observer {
 public:
  explicit Impl(const SimAllocator& allocator)
      : allocator_(allocator), panel_(&machine_), user_(allocator, machine_, *this) {
    catch_crashes_in_runs();
    watch_for_stalls();
    for (const std::span<std::byte> range : statics_.ranges()) machine_.share(range.data(), range.size());
    panel_.set_readers(allocator.readers);
    panel_.set_meaningless(allocator.meaningless);
  }

  SimOutcome run(const scenario::Scenario& scenario, const SimConfig& config, sim::Strategy& strategy, bool record,
                 Watcher* watcher) {
    begin(scenario, config, watcher);
    sim::Settings settings = sim_settings(scenario, config);
    settings.trace_implies_rcu_gp = allocator_.trace_implies_rcu_gp.value_or(settings.trace_implies_rcu_gp);
    settings.irq_work_in_thread = allocator_.irq_work_in_thread;
    // Threads: what one CPU runs one after the other would look ordered.
    if (allocator_.user_space != nullptr) {
      const unsigned threads = static_cast<unsigned>(scenario.tasks.size()) + 1 + allocator_.user_space->threads;
      settings.cpus = std::min(std::max(settings.cpus, threads), sim::cpus_max);
      settings.has_objcg = false;
      settings.vocabulary = sim::Vocabulary::user_space;
      if (!allocator_.user_space->memory_fails) settings.failures_max = 0;
    }
    // Who asks for none has allocations whose order nobody can tell.
    const bool may_fail = allocator_.user_space == nullptr || allocator_.user_space->memory_fails;
    if (may_fail && has_slab_failures(scenario)) {
      settings.slab_fails = [](void* impl, std::uint32_t nth) {
        return static_cast<Impl*>(impl)->user_.slab_fails(nth);
      };
      settings.slab_fails_host = this;
    }
    settings.record = record;
    settings.trace = watcher != nullptr;
    machine_.set_observer(watcher != nullptr ? static_cast<sim::Observer*>(this) : &panel_);
    SimOutcome outcome;
    outcome.machine = machine_.run(settings, program(scenario), strategy);
    if (outcome.has_stalled() && allocator_.place_of != nullptr) {
      // Its own innermost function: what a compiler or a shim calls from there is none of its source.
      place_at_frames(outcome.machine.violation.second);
    }
    if (allocator_.user_space != nullptr && outcome.machine.end == sim::End::points &&
        allocator_.user_space->was_fair != nullptr && !allocator_.user_space->was_fair()) {
      outcome.machine.end = sim::End::limit;
      outcome.machine.limit = limit_of_fairness;
    }
    // A program of user space may well fault before its first operation on shared memory.
    if (allocator_.user_space != nullptr && outcome.machine.end == sim::End::violation &&
        outcome.machine.violation.host_code == crash_code && faulting_instruction() != nullptr) {
      const sim::Site site = allocator_.place_of(static_cast<const char*>(faulting_instruction()) + 1);
      if (site.function[0] != '\0')
        outcome.machine.violation.second.site = site;
      else
        place_at_frames(outcome.machine.violation.second);
    }
    if (outcome.machine.end == sim::End::violation && outcome.machine.violation.host_code == crash_code) {
      outcome.machine.violation.address = faulting_address();
    }
    if (outcome.machine.end == sim::End::unknown_word) refuse(outcome.machine.violation.second);
    outcome.accusation = panel_.conclude(outcome.machine);
    if (allocator_.user_space != nullptr) oracle::say_in_user_space(outcome.accusation);
    outcome.operations = tally_.operations;
    outcome.skipped = tally_.skipped;
    outcome.objects = user_.books().objects();
    if (switches_before_destroy_) outcome.switches_of_destroy = outcome.machine.switches - *switches_before_destroy_;
    watcher_ = nullptr;
    return outcome;
  }

  // Where a signal ended the run: the innermost call that is in the allocator's source.
  void place_at_frames(sim::Party& party) const {
    for (const void* frame : frames_noted()) {
      const sim::Site site = allocator_.place_of(frame);
      if (site.function[0] == '\0') continue;
      party.site = site;
      return;
    }
  }

  // The outcome of the last run, with the cause of a bad pointer: its schedule runs once more, watched.
  SimOutcome explained(SimOutcome outcome, const scenario::Scenario& scenario, const SimConfig& config) {
    if (!oracle::has_provenance(outcome.accusation.kind) || allocator_.user_space != nullptr) return outcome;
    deviations_.assign(outcome.machine.deviations.begin(), outcome.machine.deviations.end());
    outcome.machine.deviations = deviations_;
    watcher_of_cause_.provenance.reset();
    sim::ReplayStrategy strategy(deviations_);
    strategy.begin_run(0);
    machine_.set_sharing(nullptr);
    const SimOutcome again = run(scenario, config, strategy, true, &watcher_of_cause_);
    machine_.set_sharing(sharing_);
    if (again.machine.digest != outcome.machine.digest || again.accusation.kind != outcome.accusation.kind)
      return outcome;
    cause_ = watcher_of_cause_.provenance.cause_of(again.machine.violation);
    outcome.accusation.cause = cause_.c_str();
    return outcome;
  }

  const SimAllocator& allocator() const { return allocator_; }
  sim::Machine& machine() { return machine_; }
  void set_sharing(sim::Sharing* sharing) {
    sharing_ = sharing;
    machine_.set_sharing(sharing);
  }
  StateMap& state_map() { return state_map_; }
  const SimTask& task(unsigned index) const { return tasks_[index]; }
  bool has_lasting_statics() const { return allocator_.user_space == nullptr; }

 private:
  struct WatcherOfCause final : Watcher {
    void on_event(const sim::Event& event) override { provenance.on_event(event); }
    void on_user(const oracle::UserEvent&) override {}

    oracle::Provenance provenance;
  };

  void begin(const scenario::Scenario& scenario, const SimConfig& config, Watcher* watcher) {
    scenario_ = &scenario;
    config_ = &config;
    watcher_ = watcher;
    note_run_begins();
    panel_.reset(config.passes_harmless);
    state_map_.begin_run();
    tally_ = SimTally{};
    switches_before_destroy_.reset();
    user_.begin(scenario);
    if (statics_.any()) statics_.set(config.statics);
    programs_.begin(scenario, user_, machine_, tally_);
    for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
      tasks_[i].begin(scenario.tasks[i], user_, programs_, machine_, tally_);
    }
  }

  [[noreturn]] static void refuse(const sim::Party& party) {
    throw UnknownWord(
        std::string(party.site.function) + " (" + party.site.file + ":" + std::to_string(party.site.line) +
        ") uses an atomic, a list or a plain field that the simulator does not know. Known are the allocator's own "
        "object, memory of the kernel interface, and globals and statics of the allocator's sources; move it there");
  }

  sim::Program program(const scenario::Scenario& scenario) {
    for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
      task_specs_[i] = {.run = [](void* task) { static_cast<SimTask*>(task)->run(); },
                        .argument = &tasks_[i],
                        .cpu = allocator_.user_space != nullptr ? static_cast<unsigned>(i + 1) % sim::cpus_max
                                                                : scenario.tasks[i].cpu};
    }
    for (std::size_t i = 0; i < scenario.programs.size(); ++i) {
      const bool irq = scenario.programs[i].kind == scenario::ProgramKind::irq;
      program_specs_[i] = {.run = &run_program,
                           .argument = &programs_.program(static_cast<unsigned>(i)),
                           .cpu = scenario.programs[i].cpu,
                           .kind = irq ? kernel::Context::irq : kernel::Context::nmi};
    }
    return {.prologue = [](void* impl) { static_cast<Impl*>(impl)->prologue(); },
            .epilogue = [](void* impl) { static_cast<Impl*>(impl)->epilogue(); },
            .argument = this,
            .tasks = std::span(task_specs_).first(scenario.tasks.size()),
            .programs = std::span(program_specs_).first(scenario.programs.size())};
  }

  static void run_program(void* argument) {
    auto& program = *static_cast<SimPrograms::Program*>(argument);
    program.owner->run(program);
  }

  void prologue() { user_.init_caches(); }

  void epilogue() {
    machine_.quiesce_programs();
    if (allocator_.user_space != nullptr) return user_.destroy_all();
    if (config_->inspect) inspect(*scenario_, user_, machine_, config_->failures_max != 0);
    if (config_->settle) {
      pile_up(*scenario_, user_, machine_, allocator_.unhurried_bytes);
      settle(*scenario_, user_, machine_);
    }
    user_.destroy_all();
  }

  void on_event(const sim::Event& event) override {
    watcher_->on_event(event);
    panel_.on_event(event);
  }
  void on_user(const oracle::UserEvent& event) override {
    if (watcher_ != nullptr) watcher_->on_user(event);
    if (event.kind == oracle::UserEventKind::destroy_begins) switches_before_destroy_ = machine_.switches();
    if (event.object != 0) machine_.uses_books_of(event.object);
    if (state_map_.wants(event)) state_map_.note(user_.state_of(event.cache));
    panel_.on_user(event);
  }

  const SimAllocator& allocator_;
  Statics& statics_ = Statics::of_program();
  sim::Machine machine_;
  oracle::Panel panel_;
  StateMap state_map_;
  SimUser user_;
  SimPrograms programs_;
  SimTally tally_;
  std::optional<std::uint64_t> switches_before_destroy_;
  std::array<SimTask, scenario::limits.tasks_max> tasks_;
  std::array<sim::TaskSpec, scenario::limits.tasks_max> task_specs_;
  std::array<sim::ProgramSpec, scenario::limits.nested_programs_max> program_specs_;
  const scenario::Scenario* scenario_ = nullptr;
  const SimConfig* config_ = nullptr;
  Watcher* watcher_ = nullptr;
  sim::Sharing* sharing_ = nullptr;
  WatcherOfCause watcher_of_cause_;
  std::string cause_;
  std::vector<sim::Deviation> deviations_;  // of a run that was explained
};

SimRunner::SimRunner(const SimAllocator& allocator) : impl_(std::make_unique<Impl>(allocator)) {}
SimRunner::~SimRunner() = default;

SimOutcome SimRunner::run(const scenario::Scenario& scenario, const SimConfig& config, sim::Strategy& strategy) {
  return impl_->explained(impl_->run(scenario, config, strategy, true, nullptr), scenario, config);
}

SimOutcome SimRunner::replay(const scenario::Scenario& scenario, const SimConfig& config, const sim::Schedule& schedule,
                             Watcher* watcher) {
  sim::ReplayStrategy strategy(schedule.deviations);
  strategy.begin_run(0);
  return impl_->explained(impl_->run(scenario, config, strategy, true, watcher), scenario, config);
}

SimFinding SimRunner::finding(const SimOutcome& outcome, const scenario::Scenario& scenario,
                              const SimConfig& config) const {
  SimFinding finding;
  finding.kind = outcome.accusation.kind;
  finding.signature = oracle::signature_of(outcome.accusation);
  finding.former_signature = oracle::former_signature_of(outcome.accusation);
  finding.scenario = scenario;
  finding.config = config;
  finding.schedule.deviations.assign(outcome.machine.deviations.begin(), outcome.machine.deviations.end());
  finding.detail = oracle::describe(outcome.accusation, impl_->allocator().user_space != nullptr
                                                            ? oracle::meaning_in_user_space(finding.kind)
                                                            : oracle::meaning_of(finding.kind));
  finding.reason = outcome.accusation.text;
  for (const oracle::Role& role : outcome.accusation.roles) {
    if (role.role[0] == '\0') continue;
    const sim::Party& party = role.party;
    finding.parties.push_back({role.role, party.context, party.cpu, party.op, party.step, party.site.function,
                               party.site.file, party.site.line});
  }
  finding.object = outcome.accusation.object;
  finding.offset = outcome.accusation.offset;
  if (outcome.machine.end == sim::End::violation) {
    finding.violation = outcome.machine.violation.kind;
    finding.address = reinterpret_cast<std::uintptr_t>(outcome.machine.violation.address);
  }
  finding.points = outcome.machine.points;
  finding.switches = outcome.machine.switches;
  finding.switches_of_destroy = outcome.switches_of_destroy;
  finding.digest = outcome.machine.digest;
  return finding;
}

SimFinding SimRunner::replay(const SimFinding& finding, Watcher* watcher) {
  const SimOutcome outcome = replay(finding.scenario, finding.config, finding.schedule, watcher);
  if (!outcome.found()) return {};
  SimFinding again = this->finding(outcome, finding.scenario, finding.config);
  again.schedule.config = finding.schedule.config;
  return again;
}

void SimRunner::set_reads_from_map(std::uint8_t* map, std::size_t size) {
  impl_->machine().set_reads_from_map(map, size);
}

void SimRunner::set_reads_from_set(std::uint64_t* set, std::size_t words, std::uint32_t* met) {
  impl_->machine().set_reads_from_set(set, words, met);
}

void SimRunner::set_sharing(sim::Sharing* sharing) { impl_->set_sharing(sharing); }

void SimRunner::set_state_map(std::uint8_t* map, std::size_t size) { impl_->state_map().set(map, size); }

const std::vector<std::uint32_t>& SimRunner::calls_before(unsigned task) const {
  return impl_->task(task).calls_before();
}

// Globals of user space lead to memory that goes with the run.
StaticsImage SimRunner::statics_left() const {
  return impl_->has_lasting_statics() ? Statics::of_program().changed() : StaticsImage{};
}

const SimAllocator& SimRunner::allocator() const { return impl_->allocator(); }

const sim::Machine& SimRunner::machine() const { return impl_->machine(); }

}  // namespace rcufarm::harness

#include "harness/native/native_run.h"

#include <memory>
#include <vector>

#include "harness/native/machine_config.h"
#include "harness/native/machine_findings.h"
#include "harness/native/nested.h"
#include "harness/native/run_progress.h"
#include "harness/native/task_runner.h"
#include "harness/native/user.h"
#include "harness/native/watchdog.h"
#include "native/machine.h"

namespace rcufarm::harness {

namespace {

class NativeRun {
 public:
  NativeRun(const scenario::Scenario& scenario, const NativeLimits& limits, RunFigures* figures)
      : scenario_(scenario),
        limits_(limits),
        figures_(figures),
        machine_(config_of(scenario, limits)),
        user_(scenario, machine_, figures),
        nested_(scenario, user_, machine_),
        progress_(scenario.tasks.size()) {}

  Outcome run() {
    const Watchdog watchdog(
        limits_.no_progress_max, [this] { return progress_.steps(); }, [this] { return progress_.where(); });
    progress_.phase = "init";
    on_a_cpu([this] { user_.init_caches(); });
    progress_.phase = "tasks";
    run_tasks();
    read_pending();
    progress_.phase = "destroy";
    on_a_cpu([this] {
      nested_.quiesce();
      user_.destroy_all();
    });
    machine_.settle();
    progress_.phase = "settled";
    read_rcu();
    return outcome();
  }

 private:
  static native::MachineConfig config_of(const scenario::Scenario& scenario, const NativeLimits& limits) {
    native::MachineConfig config = machine_config(scenario);
    config.pacing.asks_readers = limits.asks_readers;
    return config;
  }

  template <class Function>
  void on_a_cpu(Function function) {
    native::CpuOwner cpu(machine_);
    function();
  }

  void run_tasks() {
    std::vector<native::Job> threads;
    for (std::size_t i = 0; i < scenario_.tasks.size(); ++i) {
      threads.push_back(native::run_on_pool([this, i] {
        const scenario::Task& task = scenario_.tasks[i];
        native::CpuOwner cpu(machine_, static_cast<kernel::Cpu>(task.cpu));
        TaskRunner(task, user_, nested_, cpu, progress_.task(i)).run();
      }));
    }
    for (native::Job& thread : threads) thread.join();
  }

  void read_pending() {
    if (figures_ == nullptr) return;
    for (unsigned i = 0; i < kernel::rcu_flavor_count; ++i) {
      figures_->pending[i] = machine_.rcu(static_cast<kernel::RcuFlavor>(i)).callbacks_pending;
    }
  }

  void read_rcu() {
    if (figures_ == nullptr) return;
    for (unsigned i = 0; i < kernel::rcu_flavor_count; ++i) {
      figures_->rcu[i] = machine_.rcu(static_cast<kernel::RcuFlavor>(i));
    }
  }

  Outcome outcome() {
    Outcome out;
    user_.violations().append_to(out.findings);
    append_findings(machine_, out.findings);
    progress_.add_to(out);
    out.objects = user_.books().objects();
    return out;
  }

  const scenario::Scenario& scenario_;
  const NativeLimits limits_;
  RunFigures* const figures_;
  native::Machine machine_;
  User user_;
  NestedPrograms nested_;
  RunProgress progress_;
};

}  // namespace

Outcome run_native(const scenario::Scenario& scenario, const NativeLimits& limits, RunFigures* figures) {
  return std::make_unique<NativeRun>(scenario, limits, figures)->run();
}

}  // namespace rcufarm::harness

#include "harness/native/native_run.h"

#include <memory>
#include <string>
#include <vector>

#include "harness/native/machine_config.h"
#include "harness/native/nested.h"
#include "harness/native/task_runner.h"
#include "harness/native/user.h"
#include "harness/native/watchdog.h"
#include "native/machine.h"

namespace rcufarm::harness {

namespace {

FindingKind kind_of(native::ReportKind kind) {
  switch (kind) {
    case native::ReportKind::warning: return FindingKind::warning;
    case native::ReportKind::misuse: return FindingKind::misuse_report;
    case native::ReportKind::illegal_context:
    case native::ReportKind::rcu_head_requeued: return FindingKind::kernel_misuse;
    case native::ReportKind::double_free:
    case native::ReportKind::foreign_free:
    case native::ReportKind::write_after_free:
    case native::ReportKind::write_out_of_bounds: return FindingKind::slab_misuse;
    case native::ReportKind::unsettled: return FindingKind::no_progress;
  }
  return FindingKind::warning;
}

// A warning's text is the allocator's own and constant; other reports name objects and addresses.
std::string signature_of(const native::Report& report) {
  return report.kind == native::ReportKind::warning ? report.text : native::name_of(report.kind);
}

class NativeRun {
 public:
  NativeRun(const scenario::Scenario& scenario, const NativeLimits& limits)
      : scenario_(scenario),
        limits_(limits),
        machine_(machine_config(scenario)),
        user_(scenario, machine_),
        nested_(scenario, user_, machine_),
        progress_(scenario.tasks.size()) {}

  Outcome run() {
    const Watchdog watchdog(
        limits_.no_progress_max, [this] { return steps(); }, [this] { return where(); });
    phase_ = "init";
    on_a_cpu([this] { user_.init_caches(); });
    phase_ = "tasks";
    run_tasks();
    phase_ = "destroy";
    on_a_cpu([this] {
      nested_.quiesce();
      user_.destroy_all();
    });
    machine_.settle();
    phase_ = "settled";
    return outcome();
  }

 private:
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
        TaskRunner(task, user_, nested_, cpu, progress_[i]).run();
      }));
    }
    for (native::Job& thread : threads) thread.join();
  }

  std::uint64_t steps() const {
    std::uint64_t n = static_cast<std::uint64_t>(phase_.load()[0]);
    for (const TaskProgress& task : progress_) n += task.next_op.load(std::memory_order_relaxed);
    return n;
  }

  std::string where() const {
    std::string text = std::string("phase: ") + phase_.load() + "\n";
    for (std::size_t i = 0; i < progress_.size(); ++i) {
      text +=
          "task " + std::to_string(i) + ": " +
          (progress_[i].done.load() ? "done\n" : "at operation " + std::to_string(progress_[i].next_op.load()) + "\n");
    }
    return text;
  }

  Outcome outcome() {
    Outcome out;
    user_.violations().append_to(out.findings);
    append_reports(out.findings);
    append_leak(out.findings);
    for (const TaskProgress& task : progress_) {
      out.operations += task.next_op.load() - task.skipped.load();
      out.skipped += task.skipped.load();
    }
    out.objects = user_.books().objects();
    return out;
  }

  void append_reports(std::vector<Finding>& findings) {
    for (const native::Report& report : machine_.reports().list()) {
      findings.push_back({.kind = kind_of(report.kind),
                          .signature = std::string(name_of(kind_of(report.kind))) + ": " + signature_of(report),
                          .detail = report.text});
    }
  }
  void append_leak(std::vector<Finding>& findings) {
    const std::vector<native::LiveObject> live = machine_.slab().live();
    if (live.empty()) return;
    findings.push_back({.kind = FindingKind::leak,
                        .signature = name_of(FindingKind::leak),
                        .detail = std::to_string(live.size()) + " objects are not back in the slab after destroy\n" +
                                  machine_.slab().print_live()});
  }

  const scenario::Scenario& scenario_;
  const NativeLimits limits_;
  native::Machine machine_;
  User user_;
  NestedPrograms nested_;
  std::vector<TaskProgress> progress_;
  std::atomic<const char*> phase_{"made"};
};

}  // namespace

Outcome run_native(const scenario::Scenario& scenario, const NativeLimits& limits) {
  return std::make_unique<NativeRun>(scenario, limits)->run();
}

}  // namespace rcufarm::harness

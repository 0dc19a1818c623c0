// The kernel's allocator and this project's, on the same scenarios in the plain order: what the contract fixes is the same.
//
// Job: both in one program, each behind its adapter's table. What a user does and gets is compared event by event, and what is
// left in the end. Which object an alloc gives is either allocator's own business, and not compared.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/sim/draw.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_runner.h"
#include "scenario/text.h"

namespace rcufarm::harness {

const SimAllocator& this_projects_allocator();  // mem_adapter.cpp, compiled under this name

namespace {

using oracle::UserEvent;
using oracle::UserEventKind;

class UserTrace final : public Watcher {
 public:
  std::vector<std::string> lines;

  void on_event(const sim::Event&) override {}
  void on_user(const UserEvent& u) override {
    std::string line = sim::name_of(u.context) + " op " + std::to_string(u.operation) + " cache " +
                       std::to_string(u.cache) + " " + oracle::name_of(u.call) + ": " + oracle::name_of(u.kind);
    if (u.kind == UserEventKind::alloc_begins) line += " bytes " + std::to_string(u.bytes);
    lines.push_back(std::move(line));
  }
};

struct Ended {
  bool found = false;
  std::string signature;
  std::vector<std::string> lines;
  std::size_t live_objects = 0;
  std::uint64_t charged = 0;
  std::uint64_t references = 0;
};

Ended run_plainly(SimRunner& runner, const DrawnScenario& drawn) {
  SimConfig config = drawn.config;
  config.check_order = false;
  config.inspect = config.settle = false;
  config.failures_max = 0;
  UserTrace trace;
  const SimOutcome outcome = runner.replay(drawn.scenario, config, sim::Schedule{}, &trace);
  const sim::Machine& machine = runner.machine();
  return {.found = outcome.found(),
          .signature = outcome.found() ? runner.finding(outcome, drawn.scenario, config).signature : "",
          .lines = std::move(trace.lines),
          .live_objects = machine.live_objects(),
          .charged = machine.objcg_objects() + machine.objcg_bytes(),
          .references = machine.objcg_references()};
}

// Where the slab refuses, each allocator asks it at other times, and another request is the one that fails.
bool slab_refuses(const scenario::Scenario& scenario) {
  if (scenario.machine.slab_failures.bits != 0) return true;
  if (scenario.machine.cgroup.unit != scenario::CgroupUnit::none) return true;
  return std::any_of(scenario.tasks.begin(), scenario.tasks.end(), [](const scenario::Task& task) {
    return std::any_of(task.ops.begin(), task.ops.end(),
                       [](const scenario::Operation& op) { return op.kind == scenario::OpKind::fail_next; });
  });
}

TEST(Differential, UsersSeeTheSameAndNothingIsLeft) {
  SimRunner theirs(linked_sim_allocator());
  SimRunner ours(this_projects_allocator());
  constexpr std::uint64_t scenarios = 4000;
  unsigned compared = 0;
  unsigned shown = 0;
  for (std::uint64_t seed = 0; seed < scenarios; ++seed) {
    DrawnScenario drawn = draw_scenario(seed);
    // The kernel's has no destroy that waits.
    drawn.scenario.machine.destroy_mode = scenario::DestroyMode::defer;
    const Ended kernel = run_plainly(theirs, drawn);
    const Ended project = run_plainly(ours, drawn);
    for (const Ended* one : {&kernel, &project}) {
      EXPECT_FALSE(one->found) << "seed " << seed << ": " << one->signature;
      EXPECT_EQ(one->live_objects, 0U) << "seed " << seed;
      EXPECT_EQ(one->charged, 0U) << "seed " << seed;
      EXPECT_EQ(one->references, 0U) << "seed " << seed;
    }
    if (slab_refuses(drawn.scenario)) continue;
    ++compared;
    const auto [a, b] =
        std::mismatch(kernel.lines.begin(), kernel.lines.end(), project.lines.begin(), project.lines.end());
    if (a == kernel.lines.end() && b == project.lines.end()) continue;
    if (++shown > 5) continue;
    ADD_FAILURE() << "seed " << seed << ", event " << (a - kernel.lines.begin())
                  << ": the kernel's: " << (a == kernel.lines.end() ? "end" : *a)
                  << "; this project's: " << (b == project.lines.end() ? "end" : *b) << "\n"
                  << scenario::print(drawn.scenario);
  }
  EXPECT_GT(compared, scenarios / 4);
  EXPECT_EQ(shown, 0U) << "of " << compared;
}

}  // namespace
}  // namespace rcufarm::harness

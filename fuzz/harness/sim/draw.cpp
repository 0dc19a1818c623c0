#include "harness/sim/draw.h"

#include <array>

#include "scenario/generate.h"
#include "scenario/normalize.h"
#include "scenario/random.h"

namespace rcufarm::harness {

namespace {

// A settled run is many times as long as another.
constexpr unsigned settles_one_in = 48;
// A look at lists and counts takes about as long as a short scenario.
constexpr unsigned inspects_one_in = 6;
// Behind a missing edge lies a harder symptom, which shows better what goes wrong: some runs go on to it.
constexpr unsigned unordered_one_in = 4;

// Operations of the short and the long ones, with how many scenarios of sixteen have at most so many. What it takes to make
// the allocators and to destroy them is most of a short run, so that more operations cost little and meet more; where many
// objects or several CPUs are needed, long ones show it.
struct Length {
  unsigned ops_max;
  unsigned share;
};
constexpr std::array<Length, 4> lengths{{{18, 4}, {36, 5}, {72, 5}, {128, 2}}};
// One in so many has up to four CPUs, two caches and the longest lists.
constexpr unsigned wide_one_in = 16;
// And one in so many of those has eight CPUs and eight tasks: what a mask or an array that is too small for them hides.
constexpr unsigned large_one_in = 8;
constexpr unsigned large_cpus = 8;
// One in so many has one CPU, one in so many one task, one in so many no nested program: what needs no company shows better
// without, and everything else needs it.
constexpr unsigned lonely_one_in = 4;

scenario::Limits draw_limits(scenario::Random& random) {
  scenario::Limits limits = sim_scenario_limits();
  if (random.one_in(wide_one_in)) {
    if (random.one_in(large_one_in)) limits.cpus_max = limits.tasks_max = large_cpus;
    return limits;
  }
  limits.cpus_max = 2;
  limits.tasks_max = 3;
  limits.caches_max = 1;
  limits.slots_max = 8;
  limits.nested_programs_max = 2;
  auto share = static_cast<unsigned>(random.below(16));
  for (const Length& length : lengths) {
    limits.ops_max = length.ops_max;
    if (share < length.share) break;
    share -= length.share;
  }
  return limits;
}

scenario::Least draw_least(scenario::Random& random, const scenario::Limits& limits) {
  scenario::Least least;
  if (!random.one_in(lonely_one_in)) least.cpus = 2;
  if (!random.one_in(lonely_one_in)) least.tasks = 2;
  if (!random.one_in(lonely_one_in)) least.programs = 1;
  if (limits.cpus_max == large_cpus) least.cpus = least.tasks = large_cpus;
  return least;
}

// Interrupts come at any time, not only where a program asks for them: one is raised after each operation, and the schedule says
// when it comes. Most come where they meet nothing, and what takes two of them takes both at their places. One that has not
// come yet is not raised again.
void add_interrupts(scenario::Random& random, scenario::Scenario& scenario) {
  for (scenario::Task& task : scenario.tasks) {
    std::vector<scenario::Operation> ops;
    ops.reserve(2 * task.ops.size());
    for (const scenario::Operation& op : task.ops) {
      ops.push_back(op);
      scenario::Operation raise;
      raise.kind = scenario::OpKind::raise;
      raise.argument = static_cast<std::uint8_t>(random.below(scenario.programs.size()));
      ops.push_back(raise);
    }
    task.ops = std::move(ops);
  }
}

// An irq or nmi that comes over nothing shows nothing: most come on a CPU where a task begins.
void bring_programs_to_tasks(scenario::Random& random, scenario::Scenario& scenario) {
  for (scenario::Program& program : scenario.programs) {
    if (random.one_in(4)) continue;
    program.cpu = scenario.tasks[random.below(scenario.tasks.size())].cpu;
  }
}

}  // namespace

scenario::Limits sim_scenario_limits() {
  scenario::Limits limits = scenario::limits;
  limits.cpus_max = 4;
  limits.tasks_max = 4;
  limits.caches_max = 2;
  limits.slots_max = 16;
  limits.nested_programs_max = 3;
  limits.ops_max = 128;
  return limits;
}

std::uint64_t mix_seed(std::uint64_t a, std::uint64_t b) {
  scenario::Random random(a ^ (b * 0x9e3779b97f4a7c15U + 0x632be59bd9b4e019U));
  return random.next();
}

DrawnScenario draw_scenario(std::uint64_t seed) {
  scenario::Random random(mix_seed(seed, 0));
  DrawnScenario drawn;
  const scenario::Limits limits = draw_limits(random);
  const scenario::Least least = draw_least(random, limits);
  drawn.scenario = scenario::random_scenario(random.next(), limits, least);
  if (random.one_in(8)) drawn.config.failures_max = random.between(1, 4);
  bring_programs_to_tasks(random, drawn.scenario);
  if (!drawn.scenario.programs.empty()) add_interrupts(random, drawn.scenario);
  drawn.config.check_order = !random.one_in(unordered_one_in);
  drawn.config.inspect = random.one_in(inspects_one_in);
  drawn.config.settle = random.one_in(settles_one_in);
  return drawn;
}

}  // namespace rcufarm::harness

#include "harness/sim/draw.h"

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

// Small scenarios have few places to go wrong, and a schedule is soon through them; large ones show what takes many objects
// or several CPUs. So many of each that none of the three sizes takes most of the time.
scenario::Limits draw_limits(scenario::Random& random) {
  scenario::Limits limits = sim_scenario_limits();
  const auto size = random.below(16);
  if (size < 15) {
    limits.cpus_max = 2;
    limits.tasks_max = 3;
    limits.caches_max = 1;
    limits.slots_max = 8;
    limits.nested_programs_max = 2;
    limits.ops_max = 48;
  }
  if (size < 12) limits.ops_max = 16;
  return limits;
}

// Interrupts come at any time, not only where a program asks for them: raises after one in so many operations.
void add_interrupts(scenario::Random& random, scenario::Scenario& scenario, unsigned one_in) {
  for (scenario::Task& task : scenario.tasks) {
    std::vector<scenario::Operation> ops;
    for (const scenario::Operation& op : task.ops) {
      ops.push_back(op);
      if (!random.one_in(one_in)) continue;
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
  drawn.scenario = scenario::random_scenario(random.next(), limits);
  if (random.one_in(8)) drawn.config.failures_max = random.between(1, 4);
  bring_programs_to_tasks(random, drawn.scenario);
  if (!drawn.scenario.programs.empty() && !random.one_in(4)) {
    add_interrupts(random, drawn.scenario, random.between(1, 8));
  }
  drawn.config.check_order = !random.one_in(unordered_one_in);
  drawn.config.inspect = random.one_in(inspects_one_in);
  drawn.config.settle = random.one_in(settles_one_in);
  return drawn;
}

}  // namespace rcufarm::harness

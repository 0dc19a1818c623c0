#include "harness/sim/endless.h"

#include <string_view>

#include "harness/sim/sim_allocator.h"

namespace rcufarm::harness {

// A second of them.
constexpr std::uint64_t times_more_points = 64;

SimFinding unless_it_ends(SimRunner& runner, SimFinding finding) {
  const bool is_of_points = finding.kind == oracle::Kind::no_end && finding.points >= finding.config.points_max;
  if (!is_of_points || runner.allocator().user_space == nullptr) return finding;
  SimConfig config = finding.config;
  config.points_max *= times_more_points;
  const SimOutcome longer = runner.replay(finding.scenario, config, finding.schedule);
  if (longer.accusation.kind == oracle::Kind::no_end) return finding;
  if (longer.found()) {
    SimFinding other = runner.finding(longer, finding.scenario, config);
    other.schedule.config = finding.schedule.config;
    return other;
  }
  // Behind its schedule a run goes on as it likes: what is not fair then says nothing new. Where another limit of the simulator is
  // reached first, nobody knows, and nobody is accused.
  const bool is_unfair =
      longer.machine.end == sim::End::limit && std::string_view(longer.machine.limit) == limit_of_fairness;
  return is_unfair ? finding : SimFinding{};
}

}  // namespace rcufarm::harness

#include "bench/barrier_case.h"

#include <algorithm>
#include <vector>

#include "bench/busy_reader.h"
#include "bench/clocks.h"
#include "bench/ours.h"

namespace rcufarm::bench {
namespace {

using kernel::RcuFlavor;

constexpr unsigned barriers = 100;
constexpr auto barriers_cpu = kernel::Cpu{0};
constexpr unsigned short_reader_cpu = 1;

struct ShortReader {
  native::Machine& machine;
  struct Section {
    kernel::ReadSection regular{RcuFlavor::regular};
    kernel::ReadSection tasks_trace{RcuFlavor::tasks_trace};
  };
  CpuHolder enter_reader() { return {machine, short_reader_cpu}; }
  Section read_section() { return {}; }
};

void queue_one(RcuFlavor flavor, const std::string& queued, kernel::RcuHead& head) {
  constexpr auto nothing = [](kernel::RcuHead*) {};
  if (queued == "hurried") return kernel::call_rcu_hurry(flavor, &head, nothing);
  kernel::call_rcu(flavor, &head, nothing);
  if (queued == "urgent") kernel::rcu_request_urgent_qs();
}

// Milliseconds of each.
std::vector<double> timed_barriers(RcuFlavor flavor, const std::string& queued) {
  std::vector<double> times_ms;
  for (unsigned i = 0; i < barriers; ++i) {
    kernel::RcuHead head;
    const std::int64_t begin_ns = wall_ns();
    queue_one(flavor, queued, head);
    kernel::rcu_barrier(flavor);
    times_ms.push_back(static_cast<double>(wall_ns() - begin_ns) / 1e6);
  }
  std::sort(times_ms.begin(), times_ms.end());
  return times_ms;
}

}  // namespace

CaseResult run_barrier(const Settings& settings) {
  native::Machine machine(machine_config(2));
  ShortReader side{machine};
  BusyReader<ShortReader> reader(side, section_length_setting(settings));
  double worst_median = 0;
  double longest = 0;
  {
    const native::CpuOwner me(machine, barriers_cpu);
    for (const RcuFlavor flavor : {RcuFlavor::regular, RcuFlavor::tasks_trace}) {
      const std::vector<double> times_ms = timed_barriers(flavor, settings.at("queued"));
      worst_median = std::max(worst_median, times_ms[times_ms.size() / 2]);
      longest = std::max(longest, times_ms.back());
    }
  }
  reader.stop();
  return Figures{{"barrier_ms", worst_median}, {"barrier_max_ms", longest}};
}

}  // namespace rcufarm::bench

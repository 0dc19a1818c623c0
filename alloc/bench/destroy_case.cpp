#include "bench/destroy_case.h"

#include <time.h>

#include <algorithm>
#include <vector>

#include "bench/busy_reader.h"
#include "bench/clocks.h"
#include "bench/ours.h"

namespace rcufarm::bench {
namespace {

constexpr unsigned rounds = 100;
constexpr unsigned attempts_max = 10 * rounds;  // a round in which nothing was in flight does not count
constexpr std::size_t objects_of_a_round = 2000;
constexpr auto updater_cpu = kernel::Cpu{0};
constexpr auto other_cpu = kernel::Cpu{1};
constexpr unsigned reader_cpu = 2;

struct ReaderSide {
  native::Machine& machine;
  struct Section {
    kernel::ReadSection regular{kernel::RcuFlavor::regular};
    kernel::ReadSection tasks_trace{kernel::RcuFlavor::tasks_trace};
  };
  CpuHolder enter_reader() { return {machine, reader_cpu}; }
  Section read_section() { return {}; }
};

std::uint64_t callbacks_in_flight(native::Machine& machine) {
  return machine.rcu(kernel::RcuFlavor::regular).callbacks_pending +
         machine.rcu(kernel::RcuFlavor::tasks_trace).callbacks_pending;
}

// Half of the objects are freed on the CPU they came from, half on the other one.
bool fill_and_defer(native::CpuOwner& me, struct bpf_mem_alloc& ma) {
  std::vector<void*> objects(objects_of_a_round);
  for (void*& object : objects) object = bpf_mem_cache_alloc(&ma);
  const bool complete = std::find(objects.begin(), objects.end(), nullptr) == objects.end();
  const auto middle = objects.begin() + objects_of_a_round / 2;
  const auto defer = [&](void* object) { bpf_mem_cache_free_rcu(&ma, object); };
  std::for_each(objects.begin(), middle, defer);
  me.migrate(other_cpu);
  std::for_each(middle, objects.end(), defer);
  me.migrate(updater_cpu);
  return complete;
}

// Sections, grace periods and rounds would fall into step otherwise: a pause of 0 to 2 ms, different in each round.
void pause_before_round(unsigned round) {
  constexpr std::uint64_t pause_ns_max = 2'000'000;
  constexpr std::uint64_t stride_ns = 1'236'068;  // the golden section of it: no two rounds are close
  const timespec pause{0, static_cast<long>(round * stride_ns % pause_ns_max)};
  nanosleep(&pause, nullptr);
}

// Milliseconds from the call until everything is back.
double timed_destroy(native::Machine& machine, struct bpf_mem_alloc& ma) {
  const std::int64_t begin_ns = wall_ns();
  bpf_mem_alloc_destroy(&ma);
  const native::WaitWithoutCpu waiting;
  machine.flush_workqueue();  // destroy leaves the waiting to it
  return static_cast<double>(wall_ns() - begin_ns) / 1e6;
}

double median_of(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

CaseResult run_destroy(const Settings& settings) {
  native::Machine machine(machine_config(3));
  ReaderSide side{machine};
  BusyReader<ReaderSide> reader(side, section_length_setting(settings));
  native::CpuOwner me(machine, updater_cpu);

  std::vector<double> times_ms;
  for (unsigned attempt = 0; attempt < attempts_max && times_ms.size() < rounds; ++attempt) {
    pause_before_round(attempt);
    struct bpf_mem_alloc ma {};
    const std::uint64_t objects_before = machine.slab().stats().live_objects;
    if (bpf_mem_alloc_init(&ma, object_bytes, false) != 0) return CaseError{"no memory for an allocator"};
    if (!fill_and_defer(me, ma)) return CaseError{"an allocation gave nothing"};
    const bool in_flight = callbacks_in_flight(machine) > 0;
    const double time_ms = timed_destroy(machine, ma);
    if (machine.slab().stats().live_objects != objects_before) return CaseError{"objects are missing after destroy"};
    if (in_flight) times_ms.push_back(time_ms);
  }
  reader.stop();
  if (times_ms.size() < rounds) return CaseError{"callbacks were hardly ever in flight"};
  const double longest = *std::max_element(times_ms.begin(), times_ms.end());
  const auto longest_grace_period_ms = [&](kernel::RcuFlavor flavor) {
    return static_cast<double>(machine.rcu(flavor).grace_period_ns_max) / 1e6;
  };
  return Figures{{"destroy_ms", median_of(times_ms)},
                 {"destroy_max_ms", longest},
                 {"regular_grace_period_max_ms", longest_grace_period_ms(kernel::RcuFlavor::regular)},
                 {"tasks_trace_grace_period_max_ms", longest_grace_period_ms(kernel::RcuFlavor::tasks_trace)}};
}

}  // namespace rcufarm::bench

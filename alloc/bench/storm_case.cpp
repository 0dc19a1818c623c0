#include "bench/storm_case.h"

#include <chrono>

#include "bench/busy_reader.h"
#include "bench/clocks.h"
#include "bench/our_side.h"
#include "bench/peak_memory.h"

namespace rcufarm::bench {
namespace {

constexpr std::int64_t storm_objects = 10'000'000;

// As in a kernel, where nobody waits for a grace period by spinning: left alone, it takes some tens of milliseconds.
constexpr std::chrono::milliseconds unhurried_grace_period{20};

}  // namespace

CaseResult run_storm(const Settings& settings) {
  settle_resident_set();
  PeakMemory memory;
  native::MachineConfig config = machine_config(2);
  config.pacing.lazy_delay = config.pacing.hurry_delay = unhurried_grace_period;
  config.pacing.honour_urgent = number_setting(settings, "urgent") != 0;
  OurSide side(config);
  BusyReader<OurSide> reader(side, section_length_setting(settings));
  const auto held = side.enter_updater();
  const std::int64_t begin_ns = wall_ns();
  for (std::int64_t i = 0; i < storm_objects; ++i) {
    void* object = side.allocate();
    if (object == nullptr) return CaseError{"an allocation gave nothing"};
    touch(object, static_cast<std::size_t>(i));
    side.defer_free(object);
  }
  const std::int64_t storm_ns = wall_ns() - begin_ns;
  side.settle();
  reader.stop();
  return Figures{{"storm_ms", static_cast<double>(storm_ns) / 1e6},
                 {"peak_bytes", static_cast<double>(memory.finish())}};
}

}  // namespace rcufarm::bench

// (c) Deferred frees at an equal, paced rate.
//
// Job: the measurement, as a template over the side: the CPU time that an object costs, wherever it is spent, and the
// peak of memory. Runs in a child process (child_case.h). A side gives allocate, defer_free, settle, read_section, what
// the updater's and the reader's threads must hold, and figures of its own that help to explain the others.
#pragma once

#include <cstdint>
#include <string>

#include "bench/busy_reader.h"
#include "bench/child_case.h"
#include "bench/clocks.h"
#include "bench/pacer.h"
#include "bench/peak_memory.h"
#include "bench/subject.h"

namespace rcufarm::bench {

struct DeferredPlan {
  SectionLength reader = SectionLength::shortest;
  double objects_per_s = 0;
  std::int64_t objects = 0;
  std::int64_t burst = 0;  // objects at a time
};

// A rate below this share of the asked one was not sustained: the figures would compare unequal work.
inline constexpr double sustained_share_min = 0.98;

// The CPU time of the process, less the time that is the benchmark's own: the reader's sections, the sampler, and what
// the updater does between its bursts (sleep and wake). So it counts the updater's calls, and all other threads: the
// callback threads of either side and whatever they make the kernel do on their behalf.
template <class Side>
class CostClock {
 public:
  CostClock(BusyReader<Side>& reader, PeakMemory& memory)
      : reader_(reader), memory_(memory), others_before_ns_(others_ns()) {}

  template <class Work>
  void charge(Work work) {
    const std::int64_t before_ns = thread_cpu_ns();
    work();
    charged_ns_ += thread_cpu_ns() - before_ns;
  }

  // In the calls that were charged.
  std::int64_t charged_ns() const { return charged_ns_; }
  // In all other threads that are neither reader nor sampler.
  std::int64_t callback_ns() { return others_ns() - others_before_ns_; }

 private:
  std::int64_t others_ns() { return process_cpu_ns() - thread_cpu_ns() - reader_.cpu_ns() - memory_.sampler_cpu_ns(); }

  BusyReader<Side>& reader_;
  PeakMemory& memory_;
  std::int64_t charged_ns_ = 0;
  std::int64_t others_before_ns_;
};

// `make_side()` returns the side; it is called after the base of memory was taken, so that all that a side needs
// (threads, per-CPU data, slab) counts.
template <class MakeSide>
CaseResult measure_deferred(const DeferredPlan& plan, MakeSide make_side) {
  settle_resident_set();
  PeakMemory memory;
  auto side = make_side();
  using Side = decltype(side);
  BusyReader<Side> reader(side, plan.reader);
  [[maybe_unused]] const auto held = side.enter_updater();

  bool out_of_memory = false;
  const auto burst = [&] {
    for (std::int64_t i = 0; i < plan.burst; ++i) {
      void* object = side.allocate();
      if (object == nullptr) {
        out_of_memory = true;
        return;
      }
      touch(object, static_cast<std::size_t>(i));
      side.defer_free(object);
    }
  };

  Pacer pacer(plan.objects_per_s, plan.burst);
  CostClock<Side> cost(reader, memory);
  const std::int64_t begin_ns = wall_ns();
  std::int64_t done = 0;
  for (; done < plan.objects && !out_of_memory; done += plan.burst) {
    pacer.wait();
    cost.charge(burst);
  }
  const auto wall_s = static_cast<double>(wall_ns() - begin_ns) / static_cast<double>(ns_per_s);
  cost.charge([&] { side.settle(); });
  const auto calls_ns = static_cast<double>(cost.charged_ns());
  const auto callback_ns = static_cast<double>(cost.callback_ns());
  reader.stop();

  if (out_of_memory) return CaseError{"an allocation gave nothing"};
  const double rate = static_cast<double>(done) / wall_s;
  if (rate < sustained_share_min * plan.objects_per_s) {
    return CaseError{"the rate was not sustained: " + std::to_string(rate) + " objects/s"};
  }
  const auto objects = static_cast<double>(done);
  Figures figures{{"cpu_ns_per_object", (calls_ns + callback_ns) / objects},
                  {"calls_ns_per_object", calls_ns / objects},
                  {"callback_ns_per_object", callback_ns / objects},
                  {"peak_bytes", static_cast<double>(memory.finish())},
                  {"objects_per_s", rate}};
  side.describe(figures);
  return figures;
}

}  // namespace rcufarm::bench

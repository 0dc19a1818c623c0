// The programs that ./farm bench peers measures, on Relacy (https://github.com/dvyukov/relacy), whose headers the build is given.
//
// Job: as ours.cpp: run one of them so many times under its random scheduler, and print operations and CPU seconds.
// usage: relacy toy|rounds RUNS
// First, as it demands.
#include "relacy/relacy.hpp"
//
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "machine/cpu_seconds.h"

namespace {

constexpr unsigned rounds = 100;

struct Toy : rl::test_suite<Toy, 2> {
  rl::atomic<int> x, y;

  void before() {
    x.store(0, rl::mo_relaxed, $);
    y.store(0, rl::mo_relaxed, $);
  }
  void thread(unsigned number) {
    (number == 0 ? x : y).store(1, rl::mo_seq_cst, $);
    (number == 0 ? y : x).load(rl::mo_seq_cst, $);
  }
};

struct ManyRounds : rl::test_suite<ManyRounds, 2> {
  rl::atomic<int> x, y;
  rl::var<int> own[2];

  void before() {
    x.store(0, rl::mo_relaxed, $);
    y.store(0, rl::mo_relaxed, $);
  }
  void thread(unsigned number) {
    for (unsigned i = 0; i < rounds; ++i) {
      x.store(1, rl::mo_relaxed, $);
      y.load(rl::mo_acquire, $);
      x.exchange(2, rl::mo_acq_rel, $);
      y.exchange(3, rl::mo_acq_rel, $);
      own[number]($) = 4;
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc == 3 ? argv[1] : "";
  const unsigned long long runs = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
  if ((name != "toy" && name != "rounds") || runs == 0) {
    std::fprintf(stderr, "usage: relacy toy|rounds RUNS\n");
    return 2;
  }
  std::ostringstream said;
  rl::test_params params;
  params.iteration_count = static_cast<rl::iteration_t>(runs);
  params.execution_depth_limit = 100 * rounds;
  params.output_stream = params.progress_stream = &said;
  const double before = rcufarm::cpu_seconds();
  const bool fine = name == "toy" ? rl::simulate<Toy>(params) : rl::simulate<ManyRounds>(params);
  const double seconds = rcufarm::cpu_seconds() - before;
  if (!fine) {
    std::fprintf(stderr, "%s\n", said.str().c_str());
    return 1;
  }
  std::printf("%llu %.6f\n", runs * (name == "toy" ? 4 : 2 * rounds * 5), seconds);
}

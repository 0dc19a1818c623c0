#include "stress/worker/works.h"

namespace rcufarm::stress {

std::unique_ptr<Work> make_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  if (stint.lane == Lane::prove) return make_prove_work(stint, places, config);
  switch (engine_of(stint.lane)) {
    case Engine::simulator:
    case Engine::canary: return make_explore_work(stint, places, config);
    case Engine::libfuzzer: return make_libfuzzer_work(stint, places, config);
    case Engine::afl: return make_afl_work(stint, places, config);
    case Engine::stress: return make_stress_work(stint, places, config);
    case Engine::replay: return make_regression_work(stint, places, config);
  }
  return nullptr;
}

}  // namespace rcufarm::stress

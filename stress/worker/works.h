// The makers of each kind of Work; make_work() picks one. No state.
#pragma once

#include "stress/worker/work.h"

namespace rcufarm::stress {

std::unique_ptr<Work> make_explore_work(const Stint& stint, const WorkPlaces& places, const Config& config);
std::unique_ptr<Work> make_prove_work(const Stint& stint, const WorkPlaces& places, const Config& config);
std::unique_ptr<Work> make_libfuzzer_work(const Stint& stint, const WorkPlaces& places, const Config& config);
std::unique_ptr<Work> make_afl_work(const Stint& stint, const WorkPlaces& places, const Config& config);
std::unique_ptr<Work> make_stress_work(const Stint& stint, const WorkPlaces& places, const Config& config);
std::unique_ptr<Work> make_regression_work(const Stint& stint, const WorkPlaces& places, const Config& config);

}  // namespace rcufarm::stress

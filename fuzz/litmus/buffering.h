// Does a test need load buffering?
//
// Job: for a test whose state explore() does not reach, say whether the model's axioms allow it once po and rf may have a
// cycle. Candidates are built as herd7 builds them: what each thread may do on any values that some write may bring, then
// every rf and co that fit. Slow, and bounded. A call owns all its state.
//
// Values come from the initial ones by way of writes. A second pass lets a read return any number of the program's text, too: a
// value may be what makes a thread write it (herd7 solves for it). There data must not come round in a circle: no value out of thin air.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "litmus/explore.h"

namespace rcufarm::litmus {

struct BufferingLimits {
  std::size_t values_max = 32;               // of a location
  std::size_t traces_max = 4096;             // of a thread
  std::uint64_t candidates_max = 2'000'000;  // choices of traces, and of rf and co
};

// An execution with a cycle of po and rf that the model allows and of which `wanted` is true; nullopt: there is none. An error: a
// limit was reached before that was known.
std::variant<std::optional<Execution>, ExploreError> find_load_buffering(const Program& program, const Model& model,
                                                                         const Predicate& wanted,
                                                                         const BufferingLimits& limits = {});
// The same for any state, with a data race in it.
std::variant<std::optional<Execution>, ExploreError> find_buffered_race(const Program& program, const Model& model,
                                                                        const BufferingLimits& limits = {});

}  // namespace rcufarm::litmus

// The kinds of workers ("lanes") and the engines behind them.
//
// Job: name each once: in the config, in metrics, on pages. No state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stress/config/config.h"

namespace rcufarm::stress {

enum class Lane : std::uint8_t {
  explore,
  explore_linux,
  explore_adopted,
  prove,
  libfuzzer_sim,
  libfuzzer_native,
  libfuzzer_native_tsan,
  libfuzzer_adopted,
  afl_sim,
  afl_native,
  afl_adopted,
  stress_asan,
  stress_tsan,
  regressions,
  canary,
};
inline constexpr unsigned lane_count = static_cast<unsigned>(Lane::canary) + 1;

enum class Engine : std::uint8_t { simulator, libfuzzer, afl, stress, replay, canary };
inline constexpr unsigned engine_count = static_cast<unsigned>(Engine::canary) + 1;

inline constexpr std::array<Lane, lane_count> all_lanes = {Lane::explore,
                                                           Lane::explore_linux,
                                                           Lane::explore_adopted,
                                                           Lane::prove,
                                                           Lane::libfuzzer_sim,
                                                           Lane::libfuzzer_native,
                                                           Lane::libfuzzer_native_tsan,
                                                           Lane::libfuzzer_adopted,
                                                           Lane::afl_sim,
                                                           Lane::afl_native,
                                                           Lane::afl_adopted,
                                                           Lane::stress_asan,
                                                           Lane::stress_tsan,
                                                           Lane::regressions,
                                                           Lane::canary};

const char* name_of(Lane lane);
std::optional<Lane> lane_named(std::string_view name);
const char* name_of(Engine engine);
Engine engine_of(Lane lane);
// Searches random scenarios by schedules, and keeps what it finds as findings that replay.
inline bool explores(Lane lane) {
  return lane == Lane::explore || lane == Lane::explore_linux || lane == Lane::explore_adopted;
}
// Runs an allocator from elsewhere, whose explorer replays what it finds.
inline bool is_adopted(Lane lane) {
  return lane == Lane::explore_adopted || lane == Lane::libfuzzer_adopted || lane == Lane::afl_adopted;
}
// Of simulated code, whose program makes small, replays and draws what the lane finds.
inline Lane explorer_of(Lane lane) {
  if (is_adopted(lane)) return Lane::explore_adopted;
  return explores(lane) ? lane : Lane::explore;
}
unsigned share_of(Lane lane, const SharesConfig& shares);
// The program's path, or "" if none is wanted. Of several canaries the first.
std::string program_of(Lane lane, const ProgramsConfig& programs);
// The program under test, as metrics and signatures have it: "sim", "native", "native_tsan", "linux"; of an adopted allocator its
// name, by that of its programs (rcufarm-NAME, fuzz_sim-NAME), or "adopted" where none is wanted.
std::string target_of(Lane lane, const ProgramsConfig& programs);
// What stands before the signatures of what the lane finds, so that those of different code differ: "NAME: ", or "" for this
// project's allocator.
std::string signature_prefix(Lane lane, const ProgramsConfig& programs);
// Where inputs of the lane are kept: its target, of ours "sim" or "native"; "" for lanes without a corpus.
std::string corpus_of(Lane lane, const ProgramsConfig& programs);
// All of them.
std::vector<std::string> corpora_of(const ProgramsConfig& programs);

}  // namespace rcufarm::stress

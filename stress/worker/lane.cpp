#include "stress/worker/lane.h"

#include <algorithm>

namespace rcufarm::stress {

const char* name_of(Lane lane) {
  switch (lane) {
    case Lane::explore: return "explore";
    case Lane::explore_linux: return "explore_linux";
    case Lane::explore_adopted: return "explore_adopted";
    case Lane::prove: return "prove";
    case Lane::libfuzzer_sim: return "libfuzzer_sim";
    case Lane::libfuzzer_native: return "libfuzzer_native";
    case Lane::libfuzzer_native_tsan: return "libfuzzer_native_tsan";
    case Lane::libfuzzer_adopted: return "libfuzzer_adopted";
    case Lane::afl_sim: return "afl_sim";
    case Lane::afl_native: return "afl_native";
    case Lane::afl_adopted: return "afl_adopted";
    case Lane::stress_asan: return "stress_asan";
    case Lane::stress_tsan: return "stress_tsan";
    case Lane::regressions: return "regressions";
    case Lane::canary: return "canary";
  }
  return "";
}

std::optional<Lane> lane_named(std::string_view name) {
  for (const Lane lane : all_lanes) {
    if (name == name_of(lane)) return lane;
  }
  return std::nullopt;
}

const char* name_of(Engine engine) {
  switch (engine) {
    case Engine::simulator: return "simulator";
    case Engine::libfuzzer: return "libfuzzer";
    case Engine::afl: return "afl";
    case Engine::stress: return "stress";
    case Engine::replay: return "replay";
    case Engine::canary: return "canary";
  }
  return "";
}

Engine engine_of(Lane lane) {
  switch (lane) {
    case Lane::explore:
    case Lane::explore_linux:
    case Lane::explore_adopted:
    case Lane::prove: return Engine::simulator;
    case Lane::libfuzzer_sim:
    case Lane::libfuzzer_native:
    case Lane::libfuzzer_native_tsan:
    case Lane::libfuzzer_adopted: return Engine::libfuzzer;
    case Lane::afl_sim:
    case Lane::afl_native:
    case Lane::afl_adopted: return Engine::afl;
    case Lane::stress_asan:
    case Lane::stress_tsan: return Engine::stress;
    case Lane::regressions: return Engine::replay;
    case Lane::canary: return Engine::canary;
  }
  return Engine::simulator;
}

unsigned share_of(Lane lane, const SharesConfig& s) {
  switch (lane) {
    case Lane::explore: return s.explore;
    case Lane::explore_linux: return s.explore_linux;
    case Lane::explore_adopted: return s.explore_adopted;
    case Lane::prove: return s.prove;
    case Lane::libfuzzer_sim: return s.libfuzzer_sim;
    case Lane::libfuzzer_native: return s.libfuzzer_native;
    case Lane::libfuzzer_native_tsan: return s.libfuzzer_native_tsan;
    case Lane::libfuzzer_adopted: return s.libfuzzer_adopted;
    case Lane::afl_sim: return s.afl_sim;
    case Lane::afl_native: return s.afl_native;
    case Lane::afl_adopted: return s.afl_adopted;
    case Lane::stress_asan: return s.stress_asan;
    case Lane::stress_tsan: return s.stress_tsan;
    case Lane::regressions: return s.regressions;
    case Lane::canary: return s.canary;
  }
  return 0;
}

std::string program_of(Lane lane, const ProgramsConfig& p) {
  switch (lane) {
    case Lane::explore: return p.explore;
    case Lane::explore_linux: return p.explore_linux;
    case Lane::explore_adopted: return p.explore_adopted;
    case Lane::prove: return p.explore;
    case Lane::libfuzzer_sim: return p.libfuzzer_sim;
    case Lane::libfuzzer_native: return p.libfuzzer_native;
    case Lane::libfuzzer_native_tsan: return p.libfuzzer_native_tsan;
    case Lane::libfuzzer_adopted: return p.libfuzzer_adopted;
    case Lane::afl_sim: return p.afl_sim;
    case Lane::afl_native: return p.afl_native;
    case Lane::afl_adopted: return p.afl_adopted;
    case Lane::stress_asan: return p.stress_asan;
    case Lane::stress_tsan: return p.stress_tsan;
    case Lane::regressions: return p.replay_native;
    case Lane::canary: return p.canary.empty() ? "" : p.canary.front();
  }
  return "";
}

std::string target_of(Lane lane, const ProgramsConfig& programs) {
  switch (lane) {
    case Lane::explore_linux: return "linux";
    case Lane::explore_adopted:
    case Lane::libfuzzer_adopted:
    case Lane::afl_adopted: {
      const std::string name = adopted_name(program_of(lane, programs));
      return name.empty() ? "adopted" : name;
    }
    case Lane::explore:
    case Lane::prove:
    case Lane::libfuzzer_sim:
    case Lane::afl_sim:
    case Lane::canary: return "sim";
    case Lane::libfuzzer_native:
    case Lane::afl_native:
    case Lane::stress_asan:
    case Lane::regressions: return "native";
    case Lane::libfuzzer_native_tsan:
    case Lane::stress_tsan: return "native_tsan";
  }
  return "";
}

std::string signature_prefix(Lane lane, const ProgramsConfig& programs) {
  const bool is_other = is_adopted(lane) || lane == Lane::explore_linux;
  return is_other ? target_of(lane, programs) + ": " : "";
}

std::string corpus_of(Lane lane, const ProgramsConfig& programs) {
  switch (lane) {
    case Lane::explore:
    case Lane::libfuzzer_sim:
    case Lane::afl_sim: return "sim";
    case Lane::libfuzzer_native:
    case Lane::libfuzzer_native_tsan:
    case Lane::afl_native: return "native";
    case Lane::libfuzzer_adopted:
    case Lane::afl_adopted: return target_of(lane, programs);
    case Lane::explore_adopted:
      // Alone it would share with nobody.
      return programs.libfuzzer_adopted.empty() && programs.afl_adopted.empty() ? "" : target_of(lane, programs);
    case Lane::explore_linux:
    case Lane::prove:
    case Lane::stress_asan:
    case Lane::stress_tsan:
    case Lane::regressions:
    case Lane::canary: return "";
  }
  return "";
}

std::vector<std::string> corpora_of(const ProgramsConfig& programs) {
  std::vector<std::string> corpora;
  for (const Lane lane : all_lanes) {
    const std::string corpus = corpus_of(lane, programs);
    const bool is_away = is_adopted(lane) && program_of(lane, programs).empty();
    if (corpus.empty() || is_away) continue;
    if (std::ranges::find(corpora, corpus) == corpora.end()) corpora.push_back(corpus);
  }
  return corpora;
}

}  // namespace rcufarm::stress

// What a simulated run depends on besides its scenario and its schedule.
//
// Job: a plain value, saved with each finding. Equal scenario, config and schedule give equal runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "harness/sim/statics.h"
#include "machine/engine/memory_model.h"

namespace rcufarm::harness {

struct SimConfig {
  std::uint64_t points_max = 200'000;  // scheduling points of one run; reaching it is the finding `no_end`
  std::uint32_t failures_max = 0;      // slab allocations that the schedule may fail on top of the scenario's
  // After the tasks, before destroy: does the user let grace periods pass and look whether deferred objects come back?
  bool settle = false;
  // After the tasks, too, and in fewer steps: does the user look whether lists that have to be empty are, and whether
  // what the allocator counts is what there is?
  bool inspect = false;

  // Are data races and unordered frees accused? Without, a search goes on to what can come of them.
  bool check_order = true;
  // Do findings pass that leave the run's state as it was (a null for no reason, a warning), so that the run shows what is behind?
  bool passes_harmless = false;
  // Which stores may loads read?
  sim::MemoryModel model = sim::MemoryModel::sc;
  // What the run finds in globals and statics of the code under test, where that is not their first values.
  StaticsImage statics = {};

  bool operator==(const SimConfig&) const = default;
};

// One line: "points 200000 failures 0 settle no inspect no order yes model sc", "statics 10=2a00" where they have not their first
// values, and "harmless pass" where such findings pass. What is not named has its default, so what was written before there were
// models means sc.
std::string to_text(const SimConfig& config);
// The config, or what is wrong with the line and what to do.
std::variant<SimConfig, std::string> sim_config_from_text(std::string_view line);

}  // namespace rcufarm::harness

// Parts of a frontier (machine/search/dpor_frontier.h) as JSON, as files and stores keep them.
//
// Job: values to JSON and back. Reading throws std::exception with what is wrong. For the files of this folder alone. No state.
#pragma once

#include <nlohmann/json.hpp>

#include "machine/search/dpor_frontier.h"
#include "machine/search/strategy_dpor.h"

namespace rcufarm::harness {

nlohmann::json json_of(const sim::StepNames& steps);
sim::StepNames steps_from(const nlohmann::json& list);

// {"done": [...], "open": [[...], ...]}
nlohmann::json json_of(const sim::FrontierState& state);
sim::FrontierState state_from(const nlohmann::json& one);

// Throws unless there is a state before each step, and one behind the last.
nlohmann::json json_of(const sim::DporTask& task);
sim::DporTask task_from(const nlohmann::json& one);
nlohmann::json json_of(const sim::DporRest& rest);
sim::DporRest rest_from(const nlohmann::json& one);

// As keys of an object that has others, too.
void add_figures(nlohmann::json& to, const sim::DporFigures& figures);
sim::DporFigures figures_from(const nlohmann::json& one);

}  // namespace rcufarm::harness

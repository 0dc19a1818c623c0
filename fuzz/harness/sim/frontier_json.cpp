// Job: see frontier_json.h.
#include "harness/sim/frontier_json.h"

#include <charconv>
#include <stdexcept>

namespace rcufarm::harness {

namespace {

using nlohmann::json;
using sim::StepName;
using sim::StepNames;

// t0, or t0:1,0 with the options that it took.
std::string text_of(const StepName& step) {
  std::string text = sim::name_of(step.context);
  for (unsigned i = 0; i < step.answers.count(); ++i) text += (i == 0 ? ":" : ",") + std::to_string(step.answers[i]);
  return text;
}

bool step_from_text(std::string_view text, StepName& step) {
  const std::size_t colon = text.find(':');
  if (!sim::context_of(text.substr(0, colon), step.context)) return false;
  if (colon == std::string_view::npos) return true;
  text.remove_prefix(colon + 1);
  while (true) {
    unsigned option = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), option);
    if (error != std::errc() || option > sim::Answers::option_max || step.answers.count() == sim::Answers::count_max)
      return false;
    step.answers.add(option);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return true;
    if (text.front() != ',') return false;
    text.remove_prefix(1);
  }
}

std::vector<sim::FrontierState> states_from(const json& list, std::size_t steps) {
  std::vector<sim::FrontierState> states;
  for (const json& one : list) states.push_back(state_from(one));
  if (states.size() != steps + 1) throw std::invalid_argument("its path has other states than steps");
  return states;
}

json json_of_states(const std::vector<sim::FrontierState>& states) {
  json list = json::array();
  for (const sim::FrontierState& state : states) list.push_back(json_of(state));
  return list;
}

}  // namespace

json json_of(const StepNames& steps) {
  json list = json::array();
  for (const StepName& step : steps) list.push_back(text_of(step));
  return list;
}

StepNames steps_from(const json& list) {
  StepNames steps;
  for (const json& one : list) {
    const auto& text = one.get_ref<const std::string&>();
    if (!step_from_text(text, steps.emplace_back()))
      throw std::invalid_argument("'" + text.substr(0, 40) + "' is no step");
  }
  return steps;
}

json json_of(const sim::FrontierState& state) {
  json open = json::array();
  for (const StepNames& branch : state.open) open.push_back(json_of(branch));
  return {{"done", json_of(state.done)}, {"open", std::move(open)}};
}

sim::FrontierState state_from(const json& one) {
  sim::FrontierState state;
  state.done = steps_from(one.at("done"));
  for (const json& branch : one.at("open")) state.open.push_back(steps_from(branch));
  return state;
}

json json_of(const sim::DporTask& task) {
  return {{"path", json_of(task.path)}, {"states", json_of_states(task.states)}};
}

sim::DporTask task_from(const json& one) {
  sim::DporTask task;
  task.path = steps_from(one.at("path"));
  task.states = states_from(one.at("states"), task.path.size());
  return task;
}

json json_of(const sim::DporRest& rest) {
  json earlier = json::array();
  for (const auto& [position, branch] : rest.earlier) earlier.push_back({position, json_of(branch)});
  return {{"earlier", std::move(earlier)}, {"path", json_of(rest.path)}, {"states", json_of_states(rest.states)}};
}

sim::DporRest rest_from(const json& one) {
  sim::DporRest rest;
  for (const json& branch : one.at("earlier")) rest.earlier.emplace_back(branch.at(0), steps_from(branch.at(1)));
  rest.path = steps_from(one.at("path"));
  rest.states = states_from(one.at("states"), rest.path.size());
  return rest;
}

void add_figures(json& to, const sim::DporFigures& figures) {
  to.update({{"executions", figures.executions},
             {"blocked", figures.blocked},
             {"missed", figures.missed},
             {"steps", figures.steps}});
}

sim::DporFigures figures_from(const json& one) {
  return {one.at("executions"), one.at("blocked"), one.at("missed"), one.at("steps")};
}

}  // namespace rcufarm::harness

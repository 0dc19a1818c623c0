#include "litmus/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "litmus/buffering.h"

namespace rcufarm::litmus {

namespace {

Checked refused(Checked checked, Verdict verdict, std::string why) {
  checked.verdict = verdict;
  checked.why = std::move(why);
  return checked;
}

bool states_an_observation(const std::string& result) {
  return result == "Never" || result == "Sometimes" || result == "Always" || result == "DEADLOCK";
}

bool is_as_expected(const LitmusTest& test, const Observation& seen) {
  if (test.result == "DEADLOCK") return seen.matching + seen.others == 0;
  return test.result == seen.word();
}

// Where less is reached than the test expects.
void explain_difference(Checked& checked) {
  const LitmusTest& test = checked.program->test();
  const Observation& seen = *checked.observation;
  const bool wants_a_match = seen.matching == 0 && (test.result == "Sometimes" || test.result == "Always");
  const bool wants_others = seen.others == 0 && test.result == "Sometimes";
  checked.verdict = Verdict::disagrees;
  checked.why = fmt::format("{}, and the test says {}", seen.word(), test.result);
  if (checked.model == &c11_model() && checked.program->test().uses_kernel && test.result == "Never") {
    checked.verdict = Verdict::weaker;
    checked.why = "c11 allows more than the kernel's model";
    return;
  }
  if (!wants_a_match && !wants_others) return;
  // The `Result:` is the kernel model's word; a machine that does less is no disagreement.
  if (checked.model != &kernel_model()) {
    checked.verdict = Verdict::stronger;
    checked.why = fmt::format("{} allows less than the kernel's model", checked.model->name());
    return;
  }
  const auto found = find_load_buffering(*checked.program, *checked.model, [&](const State& state) {
    return holds(test.condition, state) == wants_a_match && checked.program->counts(state);
  });
  if (const auto* error = std::get_if<ExploreError>(&found)) {
    checked.verdict = Verdict::too_large;
    checked.why = "it may need load buffering: " + error->what;
  } else if (const auto& execution = std::get<std::optional<Execution>>(found)) {
    checked.verdict = Verdict::stronger;
    checked.why = "it needs load buffering";
    checked.needs_load_buffering = true;
    checked.witness = execution;
  }
}

void compare(Checked& checked) {
  const LitmusTest& test = checked.program->test();
  const Observation& seen = *checked.observation;
  if (!states_an_observation(test.result)) return;
  checked.expected = test.result + (test.result_races ? " DATARACE" : "");
  checked.verdict = Verdict::agrees;
  if (!is_as_expected(test, seen)) return explain_difference(checked);
  const bool races = std::find(seen.flags.begin(), seen.flags.end(), "data-race") != seen.flags.end();
  if (races == test.result_races || checked.model != &kernel_model()) return;
  if (!races) {
    const auto found = find_buffered_race(*checked.program, *checked.model);
    const auto* execution = std::get_if<std::optional<Execution>>(&found);
    if (execution != nullptr && execution->has_value()) {
      checked.verdict = Verdict::stronger;
      checked.why = "it needs load buffering";
      checked.needs_load_buffering = true;
      checked.witness = *execution;
      return;
    }
  }
  checked.verdict = Verdict::disagrees;
  checked.why =
      races ? "it has a data race, and the test does not say so" : "the data race that the test says is not there";
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::unjudged: return "no result stated";
    case Verdict::agrees: return "agrees";
    case Verdict::stronger: return "stronger";
    case Verdict::weaker: return "weaker";
    case Verdict::disagrees: return "DISAGREES";
    case Verdict::unsupported: return "not supported";
    case Verdict::malformed: return "no litmus test";
    case Verdict::too_large: return "too large";
  }
  return "";
}

Checked check(std::string_view text, const std::string& file, const Model* model, const ExploreLimits& limits) {
  Checked checked;
  auto parsed = parse(text, file);
  if (const auto* error = std::get_if<ParseError>(&parsed)) {
    checked.line = error->line;
    const bool unsupported = error->kind == ParseError::Kind::unsupported;
    return refused(std::move(checked), unsupported ? Verdict::unsupported : Verdict::malformed,
                   fmt::format("{}: {}", error->construct, error->help));
  }
  auto program = std::make_shared<LitmusProgram>(std::get<LitmusTest>(std::move(parsed)));
  checked.program = program;
  const LitmusTest& test = program->test();
  const bool is_c11 = test.uses_c11 && !test.uses_kernel;
  checked.model = model != nullptr ? model : is_c11 ? &c11_model() : &kernel_model();
  if (test.calls_c11 && checked.model == &kernel_model()) {
    return refused(std::move(checked), Verdict::unsupported,
                   "C11's atomics: the kernel's model says nothing of them; use --model c11");
  }
  const auto explored = explore(
      *program, *checked.model, [&](const State& state) { return holds(test.condition, state); }, limits);
  if (const auto* error = std::get_if<ExploreError>(&explored)) {
    return refused(std::move(checked), Verdict::too_large, error->what);
  }
  if (!program->senseless().empty()) {
    return refused(std::move(checked), Verdict::unsupported, "line " + program->senseless());
  }
  const auto& outcome = std::get<Outcome>(explored);
  checked.observation = observe(test, outcome.states, outcome.flags.names(), program->met_loop_bound());
  checked.witness = test.quantifier == Quantifier::forall ? outcome.mismatch : outcome.match;
  checked.graphs = outcome.graphs;
  compare(checked);
  return checked;
}

}  // namespace rcufarm::litmus

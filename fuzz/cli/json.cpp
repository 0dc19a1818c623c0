#include "cli/json.h"

#include <fmt/format.h>

#include <cstdio>
#include <sstream>

#include "report/text.h"

namespace rcufarm::cli {

nlohmann::json json_of(const harness::ExploreFigures& f) {
  return {{"schedules", f.schedules},
          {"scenarios", f.scenarios},
          {"guided_scenarios", f.guided_scenarios},
          {"large_scenarios", f.large_scenarios},
          {"points", f.points},
          {"unasked_points", f.unasked},
          {"switches", f.switches},
          {"weak_schedules", f.weak_schedules},
          {"store_choices", f.store_choices},
          {"operations", f.operations},
          {"skipped", f.skipped},
          {"reads_from_pairs", f.reads_from_pairs},
          {"failing_schedules", f.failing_schedules},
          {"limited_schedules", f.limited},
          {"given_up_runs", f.given_up},
          {"seconds", f.seconds},
          {"proven_scenarios", f.proven_scenarios},
          {"completed_preemptions", f.completed_preemptions >= 0 ? nlohmann::json(f.completed_preemptions) : nullptr}};
}

nlohmann::json json_of(const harness::MinimizeFigures& f) {
  return {{"runs", f.runs},
          {"points", f.points},
          {"operations_before", f.operations_before},
          {"operations_after", f.operations_after},
          {"deviations_before", f.deviations_before},
          {"deviations_after", f.deviations_after},
          {"switches_before", f.switches_before},
          {"switches_after", f.switches_after},
          {"complete", f.complete}};
}

nlohmann::json json_of(const std::vector<harness::NotShown>& not_shown) {
  nlohmann::json tried = nlohmann::json::array();
  for (const harness::NotShown& n : not_shown) tried.push_back({{"model", sim::name_of(n.model)}, {"runs", n.runs}});
  return tried;
}

nlohmann::json json_of(const harness::SimFinding& finding) {
  nlohmann::json parties = nlohmann::json::array();
  for (const harness::FindingParty& p : finding.parties) {
    parties.push_back({{"role", p.role},
                       {"context", sim::name_of(p.context)},
                       {"cpu", p.cpu == sim::no_cpu ? nlohmann::json(nullptr) : nlohmann::json(p.cpu)},
                       {"step", p.step},
                       {"function", p.function},
                       {"file", p.file},
                       {"line", p.line}});
  }
  return {{"kind", oracle::name_of(finding.kind)},
          {"signature", finding.signature},
          {"former_signature", finding.former_signature},
          {"detail", finding.detail},
          {"model", sim::name_of(finding.config.model)},
          {"acted_out", !oracle::is_missing_order(finding.kind)},
          {"parties", std::move(parties)},
          {"points", finding.points},
          {"switches", finding.switches},
          {"deviations", finding.schedule.deviations.size()},
          {"operations", scenario::total_ops(finding.scenario)},
          {"digest", fmt::format("{:016x}", finding.digest)}};
}

nlohmann::json json_of(const report::Diagram& diagram) {
  nlohmann::json lines = nlohmann::json::array();
  std::istringstream text(report::to_text(diagram));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

void print_json(const nlohmann::json& value) {
  const std::string text = value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  std::printf("%s\n", text.c_str());
}

}  // namespace rcufarm::cli

#include "session/present.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace rcufarm::session {

namespace {

// A path as somebody in this folder would type it.
std::string short_path(const std::filesystem::path& path) {
  const auto relative = std::filesystem::proximate(path).string();
  return relative.starts_with("..") ? path.string() : relative;
}

std::string coverage(const Figures& figures) {
  if (figures.edges_all == 0) return fmt::format("{} edges", with_commas(figures.edges));
  return fmt::format("{} of {} edges", with_commas(figures.edges), with_commas(figures.edges_all));
}

std::string counted(std::size_t inputs) { return inputs == 1 ? "1 input" : with_commas(inputs) + " inputs"; }

// Over the whole run, start and restarts included.
double rate_of(const EngineSummary& engine) {
  return engine.seconds > 0 ? static_cast<double>(engine.figures.executions) / engine.seconds : 0;
}

// What the engine says, unless it has not run that much yet: AFL++'s first figure is that of its first milliseconds.
double present_rate(const EngineSummary& engine) {
  const double told = engine.figures.rate;
  return told > 0 && told <= static_cast<double>(engine.figures.executions) ? told : rate_of(engine);
}

std::string replay_command(const Finding& finding) {
  // Pasted in whatever folder somebody stands in by then.
  return std::filesystem::absolute(finding.replay).string() + " " +
         std::filesystem::absolute(finding.inputs.front()).string();
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string progress_line(const Progress& progress, const EngineSummary& engine, unsigned columns) {
  const Figures& figures = engine.figures;
  std::string line = fmt::format("{:3.0f} s of {:.0f} s  {:15} {:>12} runs {:>8}/s  {} failed, {}, {} inputs",
                                 progress.elapsed.count(), progress.duration.count(), engine.label,
                                 (figures.estimated ? "~" : "") + with_commas(figures.executions),
                                 with_commas(static_cast<std::uint64_t>(present_rate(engine))),
                                 with_commas(engine.failures), coverage(figures), with_commas(figures.corpus));
  if (!engine.troubles.empty()) line += ", stopped";
  if (columns > 0 && line.size() > columns) line.resize(columns);
  return line;
}

std::string summary_text(const Summary& summary) {
  std::string text;
  auto out = std::back_inserter(text);
  constexpr const char* row = "{:15} {:>8} {:>14} {:>10}  {:24} {:>8} {:>8}\n";
  fmt::format_to(out, fmt::runtime(row), "engine", "seconds", "executions", "per second", "coverage", "corpus",
                 "failed");
  for (const auto& engine : summary.engines) {
    fmt::format_to(out, fmt::runtime(row), engine.label, fmt::format("{:.0f}", engine.seconds),
                   with_commas(engine.figures.executions), with_commas(static_cast<std::uint64_t>(rate_of(engine))),
                   coverage(engine.figures), with_commas(engine.figures.corpus), with_commas(engine.failures));
  }
  text += '\n';
  for (std::size_t i = 0; i < summary.findings.size(); ++i) {
    const auto& finding = summary.findings[i];
    fmt::format_to(out, "finding {}: {}\n  {}, the first from {}; to run it again:\n  {}\n", i + 1, finding.signature,
                   counted(finding.inputs.size()), finding.engine, replay_command(finding));
  }
  for (const auto& engine : summary.engines) {
    for (const auto& trouble : engine.troubles) fmt::format_to(out, "trouble: {}: {}\n", engine.label, trouble);
  }
  if (summary.findings.empty()) text += "findings: none\n";
  fmt::format_to(out, "all of it is in {}\n", short_path(summary.folder));
  return text;
}

std::string summary_json(const Summary& summary) {
  nlohmann::json engines = nlohmann::json::array();
  for (const auto& engine : summary.engines) {
    engines.push_back({{"engine", engine.label},
                       {"seconds", engine.seconds},
                       {"executions", engine.figures.executions},
                       {"executions_per_second", rate_of(engine)},
                       {"edges", engine.figures.edges},
                       {"edges_all", engine.figures.edges_all},
                       {"corpus", engine.figures.corpus},
                       {"failures", engine.failures},
                       {"troubles", engine.troubles}});
  }
  nlohmann::json findings = nlohmann::json::array();
  for (const auto& finding : summary.findings) {
    nlohmann::json inputs = nlohmann::json::array();
    for (const auto& input : finding.inputs) inputs.push_back(short_path(input));
    findings.push_back({{"signature", finding.signature},
                        {"engine", finding.engine},
                        {"inputs", std::move(inputs)},
                        {"replay", replay_command(finding)}});
  }
  const nlohmann::json whole{{"engines", std::move(engines)}, {"findings", std::move(findings)}};
  // A report may hold any bytes; they are replaced, not refused.
  return whole.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int exit_code(const Summary& summary) {
  if (!summary.findings.empty()) return 1;
  const bool trouble = std::any_of(summary.engines.begin(), summary.engines.end(),
                                   [](const EngineSummary& engine) { return !engine.troubles.empty(); });
  return trouble ? 2 : 0;
}

}  // namespace rcufarm::session

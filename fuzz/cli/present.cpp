#include "cli/present.h"

#include <fmt/format.h>

#include <cstddef>

namespace rcufarm::cli {

std::string with_commas(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string count_of(std::uint64_t number, const char* what) {
  return fmt::format("{} {}{}", with_commas(number), what, number == 1 ? "" : "s");
}

std::string progress_line(const harness::ExploreFigures& f, std::uint64_t findings, unsigned columns) {
  const double rate = f.seconds > 0 ? static_cast<double>(f.schedules) / f.seconds : 0;
  std::string line = fmt::format("{:4.0f} s  {:>12} schedules  {:>9}/s  {} reads-from pairs  {}", f.seconds,
                                 with_commas(f.schedules), with_commas(static_cast<std::uint64_t>(rate)),
                                 with_commas(f.reads_from_pairs), count_of(findings, "finding"));
  if (columns > 0 && line.size() > columns) line.resize(columns);
  return line;
}

std::string searched(const harness::ExploreFigures& f) {
  const std::string unasked =
      f.unasked == 0 ? "" : fmt::format(" ({} of them where no other context could tell)", with_commas(f.unasked));
  std::string kinds;
  if (f.large_scenarios > 0)
    kinds = fmt::format("{} with more than four CPUs or tasks", with_commas(f.large_scenarios));
  if (f.guided_scenarios > 0)
    kinds += fmt::format("{}{} changes of earlier ones", kinds.empty() ? "" : ", ", with_commas(f.guided_scenarios));
  if (!kinds.empty()) kinds = fmt::format(" ({})", kinds);
  std::string text =
      fmt::format("{} of {}{} in {:.1f} s: {}{}, {}", count_of(f.schedules, "schedule"),
                  count_of(f.scenarios, "scenario"), kinds, f.seconds, count_of(f.points, "scheduling point"), unasked,
                  count_of(f.reads_from_pairs, "distinct reads-from pair"));
  if (f.store_choices > 0) {
    text += fmt::format(", {} that memory gave", count_of(f.store_choices, "choice"));
  } else if (f.weak_schedules > 0) {
    text += ", no access to which the memory model gave a choice";
  }
  if (f.completed_preemptions >= 0) {
    text += fmt::format("; every schedule of up to {} was run",
                        count_of(static_cast<std::uint64_t>(f.completed_preemptions), "preemption"));
  } else if (f.proven_scenarios > 0) {
    text += fmt::format("; of {} every execution was run", count_of(f.proven_scenarios, "scenario"));
  } else if (f.is_exhaustive) {
    text += "; no bound on preemptions was completed";
  }
  if (f.given_up > 0) text += fmt::format("; {} given up on the way, not counted", count_of(f.given_up, "more run"));
  if (f.limited > 0)
    text += fmt::format("; {} reached a limit of the simulator, which proves nothing", with_commas(f.limited));
  return text;
}

std::string minimized(const harness::MinimizeFigures& f) {
  return fmt::format("operations {} -> {}, deviations {} -> {}, context switches {} -> {}, in {}{}",
                     f.operations_before, f.operations_after, f.deviations_before, f.deviations_after,
                     f.switches_before, f.switches_after, count_of(f.runs, "run"),
                     f.complete ? "" : " (a limit was reached: `minimize` makes it smaller still)");
}

const char* needs(sim::MemoryModel model) {
  switch (model) {
    case sim::MemoryModel::sc: return "every machine can do it";
    case sim::MemoryModel::tso: return "x86 can do this (store buffers)";
    case sim::MemoryModel::kernel: return "needs arm64 or POWER";
    case sim::MemoryModel::c11: return "needs a compiler's licence (C++ allows it)";
  }
  return "";
}

namespace {

const char* accused_of(oracle::Kind kind) {
  return kind == oracle::Kind::data_race ? "two accesses, at least one of them plain, that nothing orders"
                                         : "an access that nothing orders before the free of its memory";
}

}  // namespace

std::string shown(const harness::SimFinding& finding, const std::vector<harness::NotShown>& not_shown) {
  if (oracle::is_missing_order(finding.kind)) {
    return fmt::format("Accused by vector clocks alone: {}.", accused_of(finding.kind));
  }
  std::string text = fmt::format("Shown under {}: {}", sim::name_of(finding.config.model), needs(finding.config.model));
  for (const harness::NotShown& tried : not_shown) {
    text += fmt::format("{} under {} in {}", &tried == not_shown.data() ? "; not shown" : ", nor",
                        sim::name_of(tried.model), count_of(tried.runs, "run"));
  }
  return text + ".";
}

namespace {
unsigned rank_of_model(sim::MemoryModel model) {
  switch (model) {
    case sim::MemoryModel::sc: return 0;
    case sim::MemoryModel::tso: return 1;
    case sim::MemoryModel::kernel: return 2;
    case sim::MemoryModel::c11: return 3;
  }
  return sim::memory_models;
}
}  // namespace

unsigned rank_of(const harness::SimFinding& finding) {
  return static_cast<unsigned>(oracle::gravity_of(finding.kind)) * sim::memory_models +
         rank_of_model(finding.config.model);
}

}  // namespace rcufarm::cli

#include "stress/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "stress/web/page.h"

namespace rcufarm::stress {

namespace {

constexpr std::size_t findings_shown_max = 20;
constexpr const char* columns = "{:<22} {:>11} {:>7} {:>16} {:>11} {:>14} {:>15} {:>11} {:>9}\n";

std::string counted(std::uint64_t n, const char* what) {
  return fmt::format("{} {}{}", with_commas(n), what, n == 1 ? "" : "s");
}

LaneView total(const Snapshot& s) {
  LaneView sum{.name = "all"};
  for (const LaneView& lane : s.lanes) {
    sum.seconds += lane.seconds;
    sum.stints += lane.stints;
    sum.executions += lane.executions;
    sum.schedules += lane.schedules;
    sum.restarts += lane.restarts;
    sum.resident_bytes_max = std::max(sum.resident_bytes_max, lane.resident_bytes_max);
  }
  if (sum.seconds > 0) sum.rate = static_cast<double>(sum.executions) / sum.seconds;
  return sum;
}

std::string row(const LaneView& lane) {
  const std::string coverage = lane.edges == 0       ? "-"
                               : lane.edges_all == 0 ? with_commas(lane.edges)
                                                     : fmt::format("{} of {}", lane.edges, lane.edges_all);
  return fmt::format(columns, lane.name, duration_text(lane.seconds), lane.stints, with_commas(lane.executions),
                     fmt::format("{:.1f}", lane.rate), lane.schedules == 0 ? "-" : with_commas(lane.schedules),
                     coverage, lane.resident_bytes_max == 0 ? "-" : bytes_text(lane.resident_bytes_max), lane.restarts);
}

std::string table(const Snapshot& s) {
  std::string text = fmt::format(columns, "kind of worker", "time", "stints", "executions", "per second", "schedules",
                                 "edges", "memory max", "restarts");
  for (const LaneView& lane : s.lanes) {
    if (lane.stints > 0 || lane.executions > 0) text += row(lane);
  }
  return text + row(total(s));
}

// A kind that has a share of the farm and never ran is no part of what "no findings" says.
std::string never_ran(const Snapshot& s) {
  std::vector<std::string> kinds;
  for (const LaneView& lane : s.lanes) {
    if (lane.share == 0 || lane.stints > 0 || lane.executions > 0) continue;
    const char* why = lane.being_built ? " (still being built)" : lane.can_run ? "" : " (what it needs is not there)";
    kinds.push_back(lane.name + why);
  }
  return kinds.empty() ? "" : fmt::format("never ran: {}\n", fmt::join(kinds, ", "));
}

std::string findings(const Snapshot& s) {
  const char* none = executions_of(s) == 0 ? "nothing was executed: no verdict" : "no findings";
  std::string text = fmt::format("\n{}{}\n", s.findings.empty() ? none : counted(s.findings_all, "finding"),
                                 s.waiting == 0 ? "" : fmt::format("; {} to be examined", counted(s.waiting, "input")));
  for (std::size_t i = 0; i < std::min(s.findings.size(), findings_shown_max); ++i) {
    const Finding& f = s.findings[i];
    text += fmt::format("  {}  {:8}  {:>8} times  {}\n", f.key.substr(0, 12), name_of(f.state), with_commas(f.count),
                        f.signature);
  }
  if (s.findings_all > findings_shown_max) text += "  and more: rcufarm-farm findings list\n";
  if (!s.findings.empty())
    text += fmt::format("  show one: rcufarm-farm findings show KEY --state {}\n", s.state_folder);
  return text;
}

}  // namespace

std::string progress_line(const Snapshot& s) {
  std::vector<std::string> doing;
  for (const SlotView& slot : s.slots) {
    if (!slot.doing.empty()) doing.push_back(slot.doing);
  }
  const auto built = std::ranges::count_if(s.lanes, [](const LaneView& lane) { return lane.being_built; });
  std::string text = fmt::format("{}: {}; {}, {}", duration_text(s.uptime_seconds),
                                 doing.empty() ? "nothing runs" : fmt::format("{}", fmt::join(doing, ", ")),
                                 counted(total(s).executions, "execution"), counted(s.findings_all, "finding"));
  if (built > 0) text += fmt::format("; {} kinds of workers are being built", built);
  return text;
}

std::uint64_t executions_of(const Snapshot& s) { return total(s).executions; }

std::string summary(const Snapshot& s) {
  const LaneView all = total(s);
  std::string text = fmt::format("\n{} on {}, revision {}: {}, {}\n\n", duration_text(s.uptime_seconds), s.node,
                                 s.revision, counted(all.executions, "execution"), counted(all.schedules, "schedule"));
  text += table(s) + never_ran(s) + findings(s);
  for (const Proof& proof : s.proofs)
    text += fmt::format("proof of {}, build {}: {}\n", proof.program, proof.build, sentence_of(proof));
  text +=
      fmt::format("planted mistakes: found in {} of {} searches; reads-from pairs: {}\n", with_commas(s.canary_found),
                  with_commas(s.canary_found + s.canary_missed), with_commas(s.reads_from_pairs));
  const double share = s.uptime_seconds > 0 ? 100 * s.cpu_seconds / s.uptime_seconds : 0;
  return text + fmt::format("supervisor: {:.2f} s of CPU ({:.2f} % of a core), {} resident at most\n", s.cpu_seconds,
                            share, bytes_text(s.resident_bytes_max));
}

}  // namespace rcufarm::stress

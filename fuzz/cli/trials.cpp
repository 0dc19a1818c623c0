#include "cli/trials.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/present.h"

namespace rcufarm::cli {

namespace {

// Of sorted trials, found ones first. Of an even number, the mean of the two in the middle.
template <class Value>
Score::Median median_of(std::vector<Trial> trials, Value value) {
  if (trials.empty()) return {};
  std::sort(trials.begin(), trials.end(),
            [&](const Trial& a, const Trial& b) { return a.found != b.found ? a.found : value(a) < value(b); });
  const Trial& upper = trials[trials.size() / 2];
  const Trial& lower = trials[(trials.size() - 1) / 2];
  return {(value(lower) + value(upper)) / 2, upper.found};
}

std::string text_of(const Score::Median& median, const std::string& value) {
  return (median.reached ? "" : "> ") + value;
}

}  // namespace

unsigned Score::hits() const {
  return static_cast<unsigned>(std::count_if(trials.begin(), trials.end(), [](const Trial& t) { return t.found; }));
}

Score::Median Score::median_schedules() const {
  return median_of(trials, [](const Trial& t) { return static_cast<double>(t.schedules); });
}
Score::Median Score::median_seconds() const {
  return median_of(trials, [](const Trial& t) { return t.seconds; });
}

std::string table_of(const std::vector<Score>& scores) {
  constexpr const char* row = "{:6} {:14} {:>8} {:>16} {:>12} {:>10}\n";
  std::string text =
      fmt::format(fmt::runtime(row), "defect", "strategy", "hits", "median schedules", "median s", "signatures");
  for (const Score& s : scores) {
    if (!s.trouble.empty() && s.trials.empty()) {
      text += fmt::format("{:6} {:14} {}\n", s.defect, s.strategy, s.trouble);
      continue;
    }
    const Score::Median schedules = s.median_schedules();
    const Score::Median seconds = s.median_seconds();
    text += fmt::format(fmt::runtime(row), s.defect, s.strategy, fmt::format("{} of {}", s.hits(), s.trials.size()),
                        text_of(schedules, with_commas(static_cast<std::uint64_t>(schedules.value))),
                        text_of(seconds, fmt::format("{:.2f}", seconds.value)), s.signatures.size());
  }
  return text;
}

}  // namespace rcufarm::cli

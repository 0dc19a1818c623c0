#include "bench/table.h"

#include <array>
#include <cstdio>
#include <sstream>
#include <vector>

#include "bench/baselines.h"
#include "bench/targets.h"

namespace rcufarm::bench {
namespace {

constexpr double mib = 1024.0 * 1024.0;
const std::string no_figure = "–";

std::string number(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

// The median, and beneath it the range over the repetitions, both divided by `unit`.
std::string cell(const Results& results, const std::string& benchmark, Metric metric, double unit, int digits) {
  const auto median = results.median(benchmark, metric);
  const auto range = results.range(benchmark, metric);
  if (!median || !range) return no_figure;
  return number(*median / unit, digits) + " (" + number(range->first / unit, digits) + "–" +
         number(range->second / unit, digits) + ")";
}

class MarkdownTable {
 public:
  explicit MarkdownTable(const std::vector<std::string>& heads) {
    row(heads);
    row(std::vector<std::string>(heads.size(), "---"));
  }
  void row(const std::vector<std::string>& cells) {
    text_ += '|';
    for (const std::string& cell : cells) text_ += ' ' + cell + " |";
    text_ += '\n';
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::vector<std::string> subjects(bool with_loop) {
  std::vector<std::string> names{ours_cache, ours_classes};
  for (const std::string& name : baseline_names()) names.push_back(name);
  if (with_loop) names.emplace_back("loop-only");
  return names;
}

std::string alloc_free_table(const Results& results) {
  MarkdownTable table({"CPU ns per object", "batch 1", "batch 32", "batch 64", "batch 1, 2 threads",
                       "batch 32, 2 threads", "batch 64, 2 threads"});
  for (const std::string& subject : subjects(true)) {
    std::vector<std::string> cells{subject};
    for (const int threads : {1, 2}) {
      for (const int batch : {1, 32, 64}) {
        cells.push_back(cell(results, alloc_free_name(subject, batch, threads), Metric::cpu_ns_per_object, 1, 2));
      }
    }
    table.row(cells);
  }
  return table.text();
}

std::string cross_cpu_table(const Results& results) {
  MarkdownTable table({"million objects/s", "allocated on one CPU, freed on another"});
  for (const std::string& subject : subjects(true)) {
    table.row({subject, cell(results, cross_cpu_name(subject), Metric::objects_per_s, 1e6, 2)});
  }
  return table.text();
}

std::string deferred_table(const Results& results) {
  MarkdownTable table({"deferred frees", "CPU ns per object, short sections", "CPU ns per object, 1 ms sections",
                       "peak MiB, short sections", "peak MiB, 1 ms sections"});
  for (const std::string side : {"ours", "call_rcu", "call_rcu-mimalloc"}) {
    table.row({side, cell(results, deferred_name(side, "short"), Metric::cpu_ns_per_object, 1, 1),
               cell(results, deferred_name(side, "1ms"), Metric::cpu_ns_per_object, 1, 1),
               cell(results, deferred_name(side, "short"), Metric::peak_bytes, mib, 2),
               cell(results, deferred_name(side, "1ms"), Metric::peak_bytes, mib, 2)});
  }
  return table.text();
}

std::string storm_table(const Results& results) {
  MarkdownTable table({"storm of free_rcu", "peak MiB", "storm, ms"});
  for (const bool urgent : {true, false}) {
    table.row({urgent ? "hint on" : "hint off", cell(results, storm_name(urgent), Metric::peak_bytes, mib, 1),
               cell(results, storm_name(urgent), Metric::storm_ms, 1, 0)});
  }
  return table.text();
}

std::string destroy_table(const Results& results) {
  MarkdownTable table({"destroy until the last object is back", "median ms", "longest ms"});
  for (const std::string reader : {"short", "1ms"}) {
    table.row({"reader in " + reader + " sections", cell(results, destroy_name(reader), Metric::destroy_ms, 1, 3),
               cell(results, destroy_name(reader), Metric::destroy_max_ms, 1, 3)});
  }
  return table.text();
}

std::string barrier_table(const Results& results) {
  MarkdownTable table({"rcu_barrier behind one callback, reader in short sections", "median ms", "longest ms"});
  for (const char* queued : queued_kinds) {
    table.row({queued, cell(results, barrier_name(queued), Metric::barrier_ms, 1, 3),
               cell(results, barrier_name(queued), Metric::barrier_max_ms, 1, 3)});
  }
  return table.text();
}

std::string verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::reached: return "yes";
    case Verdict::missed: return "**missed**";
    case Verdict::not_measured: return "**not measured**";
  }
  return no_figure;
}

std::string target_table(const Results& results) {
  MarkdownTable table({"target", "measured", "wanted", "reached"});
  for (const Target& target : all_targets()) {
    const Judgement judgement = judge(target, results);
    const std::string bound = target.bound == Bound::at_most ? "at most " : "at least ";
    table.row({target.what, judgement.measured ? number(*judgement.measured, 3) : no_figure,
               bound + number(target.limit, target.reference.empty() ? 1 : 3), verdict_text(judgement.verdict)});
  }
  return table.text();
}

std::string about(const Results& results) {
  std::ostringstream text;
  text << "Median (smallest–largest) of " << results.repetitions() << " repetitions, all of one run.";
  for (const auto& [name, value] : results.context()) {
    if (name == "date" || name == "num_cpus" || name == "load_avg" || name.starts_with("rcufarm_")) {
      text << ' ' << (name.starts_with("rcufarm_") ? name.substr(8) : name) << ": " << value << '.';
    }
  }
  text << '\n';
  return text.str();
}

}  // namespace

std::string table_of(const Results& results) {
  std::ostringstream text;
  for (const std::string& part :
       {about(results), alloc_free_table(results), cross_cpu_table(results), deferred_table(results),
        storm_table(results), destroy_table(results), barrier_table(results), target_table(results)}) {
    text << part << '\n';
  }
  for (const auto& [name, why] : results.failures()) text << "Failed: `" << name << "`: " << why << "\n\n";
  return text.str();
}

}  // namespace rcufarm::bench

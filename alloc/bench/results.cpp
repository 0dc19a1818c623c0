#include "bench/results.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace rcufarm::bench {
namespace {

using nlohmann::json;

struct MetricName {
  Metric metric;
  const char* counter;  // as benchmarks report it
};
constexpr std::array<MetricName, 8> metric_names{{
    {Metric::cpu_ns_per_object, "cpu_ns_per_object"},
    {Metric::objects_per_s, "objects_per_s"},
    {Metric::peak_bytes, "peak_bytes"},
    {Metric::storm_ms, "storm_ms"},
    {Metric::destroy_ms, "destroy_ms"},
    {Metric::destroy_max_ms, "destroy_max_ms"},
    {Metric::barrier_ms, "barrier_ms"},
    {Metric::barrier_max_ms, "barrier_max_ms"},
}};

// Google Benchmark adds how it ran to the name; only the number of threads is part of what was measured.
std::string plain_name(const std::string& run_name) {
  std::istringstream parts(run_name);
  std::string name;
  for (std::string part; std::getline(parts, part, '/');) {
    if (part == "real_time" || part == "manual_time" || part == "process_time") continue;
    if (part.starts_with("iterations:") || part.starts_with("repeats:") || part.starts_with("min_time:")) continue;
    name += name.empty() ? part : "/" + part;
  }
  return name;
}

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

}  // namespace

std::variant<Results, std::string> Results::parse(const std::string& json_text) {
  const json document = json::parse(json_text, nullptr, false);
  if (document.is_discarded() || !document.is_object() || !document.contains("benchmarks") ||
      !document["benchmarks"].is_array()) {
    return std::string("this is not the JSON of Google Benchmark; write it with --benchmark_out=FILE");
  }
  Results results;
  if (const auto context = document.find("context"); context != document.end() && context->is_object()) {
    for (const auto& [name, value] : context->items()) results.context_[name] = text_of(value);
  }
  for (const json& run : document["benchmarks"]) {
    if (!run.is_object() || run.value("run_type", "") != "iteration") continue;  // medians are made here
    const std::string name = plain_name(run.value("run_name", ""));
    results.repetitions_ = std::max(results.repetitions_, run.value("repetition_index", std::size_t{0}) + 1);
    if (run.contains("error_message")) {
      results.failures_[name] = run.value("error_message", "failed");
      continue;
    }
    for (const auto& [metric, counter] : metric_names) {
      if (run.contains(counter)) results.values_[{name, metric}].push_back(run.value(counter, 0.0));
    }
    if (const double objects = run.value("objects", 0.0); objects > 0) {
      results.values_[{name, Metric::cpu_ns_per_object}].push_back(run.value("cpu_time", 0.0) / objects);
    }
  }
  return results;
}

std::variant<Results, std::string> Results::read(const std::string& path) {
  std::ifstream file(path);
  if (!file) return path + " cannot be read";
  std::ostringstream text;
  text << file.rdbuf();
  auto results = parse(text.str());
  if (const auto* error = std::get_if<std::string>(&results)) return path + ": " + *error;
  return results;
}

const std::vector<double>* Results::values(const std::string& benchmark, Metric metric) const {
  if (failures_.contains(benchmark)) return nullptr;
  const auto found = values_.find({benchmark, metric});
  return found == values_.end() ? nullptr : &found->second;
}

std::optional<double> Results::median(const std::string& benchmark, Metric metric) const {
  const std::vector<double>* all = values(benchmark, metric);
  if (all == nullptr) return std::nullopt;
  std::vector<double> sorted = *all;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

std::optional<double> Results::maximum(const std::string& benchmark, Metric metric) const {
  const auto both = range(benchmark, metric);
  if (!both) return std::nullopt;
  return both->second;
}

std::optional<std::pair<double, double>> Results::range(const std::string& benchmark, Metric metric) const {
  const std::vector<double>* all = values(benchmark, metric);
  if (all == nullptr) return std::nullopt;
  const auto [smallest, largest] = std::minmax_element(all->begin(), all->end());
  return std::pair{*smallest, *largest};
}

}  // namespace rcufarm::bench

// The figures of one run, read from Google Benchmark's JSON.
//
// Job: every repetition of every benchmark by name, and the median over them. A value; no state elsewhere.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rcufarm::bench {

// What is measured of a benchmark, one number for each repetition.
enum class Metric {
  cpu_ns_per_object,  // (a), (c)
  objects_per_s,      // (b): by the wall clock
  peak_bytes,         // (c), (d): above the base
  storm_ms,           // (d): how long the storm took
  destroy_ms,         // (e): the median within one repetition
  destroy_max_ms,     // (e): the longest within one repetition
  barrier_ms,         // (f): the median within one repetition, of the slower flavour
  barrier_max_ms,     // (f): the longest within one repetition
};

class Results {
 public:
  // From the text of a JSON file. The error says what is wrong with it.
  static std::variant<Results, std::string> parse(const std::string& json_text);
  static std::variant<Results, std::string> read(const std::string& path);

  // `benchmark` is the name it was registered by, and "/threads:N" if it runs with threads: "a/glibc/batch:1/threads:2".
  // Nothing if it did not run, or if any repetition failed.
  std::optional<double> median(const std::string& benchmark, Metric metric) const;
  std::optional<double> maximum(const std::string& benchmark, Metric metric) const;
  // Smallest and largest over the repetitions.
  std::optional<std::pair<double, double>> range(const std::string& benchmark, Metric metric) const;

  // What the benchmarks that failed said: name and text.
  const std::map<std::string, std::string>& failures() const { return failures_; }
  // About machine, compiler and the libraries compared with: name and value.
  const std::map<std::string, std::string>& context() const { return context_; }
  std::size_t repetitions() const { return repetitions_; }

 private:
  const std::vector<double>* values(const std::string& benchmark, Metric metric) const;

  std::map<std::pair<std::string, Metric>, std::vector<double>> values_;
  std::map<std::string, std::string> failures_;
  std::map<std::string, std::string> context_;
  std::size_t repetitions_ = 0;
};

}  // namespace rcufarm::bench

// What the figures should reach.
//
// Job: name each target, and judge it by the results alone. A value; no state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/results.h"

namespace rcufarm::bench {

enum class Bound { at_most, at_least };
enum class Verdict { reached, missed, not_measured };

// One figure over another, or, where there is no `reference`, the worst repetition of a figure by itself.
struct Target {
  std::string what;
  std::string benchmark;
  std::string reference;  // empty: `limit` is in the metric's unit
  Metric metric = Metric::cpu_ns_per_object;
  Bound bound = Bound::at_most;
  double limit = 0;
};

struct Judgement {
  std::optional<double> measured;  // the ratio of the medians, or the largest repetition where there is no reference
  Verdict verdict = Verdict::not_measured;
};

Judgement judge(const Target& target, const Results& results);

// All targets of this benchmark.
std::vector<Target> all_targets();

// Names of benchmarks, in one place for those who register them and those who look them up.
inline const std::string ours_cache = "ours-cache";      // bpf_mem_cache_alloc, bpf_mem_cache_free
inline const std::string ours_classes = "ours-classes";  // bpf_mem_alloc(64), bpf_mem_free
std::string alloc_free_name(const std::string& subject, int batch, int threads);
std::string cross_cpu_name(const std::string& subject);
std::string deferred_name(const std::string& side, const std::string& reader);
std::string storm_name(bool urgent);
std::string destroy_name(const std::string& reader);
inline constexpr const char* queued_kinds[] = {"lazy", "hurried", "urgent"};  // how a callback is queued
std::string barrier_name(const std::string& queued);

}  // namespace rcufarm::bench

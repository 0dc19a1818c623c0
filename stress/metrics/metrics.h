// Everything that /metrics shows, declared once.
//
// Job: families with their names, help and labels; each child of a closed set of labels is there at 0 from the start. Written
// by the supervisor's thread, read by scrapes: prometheus-cpp's types are safe for that. Labels are closed sets: no hash,
// seed or process number.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "stress/store/store.h"
#include "stress/worker/lane.h"
#include "stress/worker/verdict.h"

namespace rcufarm::stress {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

inline constexpr std::array<std::string_view, 7> strategy_names = {"portfolio", "random",     "pct", "pos",
                                                                   "surw",      "exhaustive", "dpor"};
inline constexpr std::array<const char*, 8> list_names = {
    "free_llist",     "free_llist_extra",   "free_by_rcu",           "free_llist_extra_rcu",
    "waiting_for_gp", "free_by_rcu_ttrace", "waiting_for_gp_ttrace", "unknown"};  // unknown: leaks only
inline constexpr unsigned allocator_lists = 7;
inline constexpr std::array<const char*, 2> flavor_names = {"regular", "tasks_trace"};
inline constexpr std::array<const char*, 4> worker_states = {"running", "backoff", "parked", "stopped"};

class Metrics {
 public:
  // `programs`: of an adopted allocator, what label `target` says (target_of).
  Metrics(const std::string& revision, const std::string& compiler, const ProgramsConfig& programs = {});

  // Text exposition format 0.0.4.
  std::string text() const;

  Counter& executions(Lane lane) { return *executions_[static_cast<unsigned>(lane)]; }
  Counter& schedules(const std::string& strategy, const std::string& model) {
    return *schedules_.at({strategy, model});
  }
  // Of the corpora: libfuzzer's folders are shared by all, AFL++'s queues are its own.
  Gauge& corpus_entries(Engine engine, const std::string& target);
  Gauge& corpus_bytes(Engine engine, const std::string& target);
  Gauge& coverage_edges(Lane lane) { return *coverage_edges_.at(lane); }
  Gauge& coverage_instrumented(Lane lane) { return *coverage_instrumented_.at(lane); }
  Gauge& reads_from_pairs() { return *reads_from_pairs_; }
  Gauge& last_new_coverage(const std::string& signal) { return *last_new_coverage_.at(signal); }
  void count_crash(const std::string& kind, bool is_new, double n);
  void set_bugs(const std::vector<BugCount>& counts);
  void set_changes(const std::vector<ChangeCount>& counts);
  void set_proofs(const std::vector<Proof>& proofs);
  // By the list that lost it; of list_names, or else unknown.
  void count_leak(const harness::Leak& leak);
  // 1: this farm shows what is of all farms on its store.
  Gauge& leads() {
    return gauge(
        "leads",
        "1 if this farm shows what is of all farms on its store: rcufarm_bugs, rcufarm_changes, rcufarm_proof_*.");
  }
  Gauge& journal_entries() {
    return gauge("journal_entries", "Writes that wait in the journal until the store takes them.");
  }
  Gauge& workers(unsigned state) { return *workers_[state]; }
  Counter& restarts(Ended reason) { return *restarts_.at(reason); }
  Gauge& resident_memory(Engine engine) { return *resident_memory_[static_cast<unsigned>(engine)]; }
  Counter& canary_detections() { return *canary_detections_; }
  Gauge& canary_last_detection() { return *canary_last_; }
  Histogram& seeded_bug_duration() { return *seeded_duration_; }
  Counter& seeded_bug_trials(bool found) { return found ? *seeded_found_ : *seeded_missed_; }
  Gauge& afl_stability(Lane lane);
  Gauge& preflight_ok(const std::string& check);

  // Of the allocator and of RCU; see allocator_meter.h.
  Counter& destroys(bool ok) { return ok ? *destroys_ok_ : *destroys_leaked_; }
  Histogram& destroy_duration() { return *destroy_duration_; }
  Histogram& grace_period_duration(unsigned flavor) { return *grace_period_[flavor]; }
  Counter& callbacks_enqueued(unsigned flavor) { return *enqueued_[flavor]; }
  Counter& callbacks_invoked(unsigned flavor) { return *invoked_[flavor]; }
  Gauge& callbacks_pending(unsigned flavor) { return *pending_[flavor]; }
  Gauge& cache_objects(unsigned list) { return *cache_objects_[list]; }

 private:
  const ProgramsConfig programs_;
  using Labels = std::map<std::string, std::string>;
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                       const Labels& labels = {});
  void add_search();
  void add_findings();
  void add_workers();
  void add_allocator();

  prometheus::Registry registry_;
  std::map<std::string, prometheus::Family<Counter>*> counters_;
  std::map<std::string, prometheus::Family<Gauge>*> gauges_;
  std::map<std::string, prometheus::Family<Histogram>*> histograms_;

  std::array<Counter*, lane_count> executions_{};
  std::map<std::pair<std::string, std::string>, Counter*> schedules_;
  std::map<std::string, Gauge*> last_new_coverage_;
  std::map<Lane, Gauge*> coverage_edges_;
  std::map<Lane, Gauge*> coverage_instrumented_;
  Gauge* reads_from_pairs_ = nullptr;
  std::array<Gauge*, worker_states.size()> workers_{};
  std::map<Ended, Counter*> restarts_;
  std::array<Gauge*, engine_count> resident_memory_{};
  Counter* canary_detections_ = nullptr;
  Gauge* canary_last_ = nullptr;
  Histogram* seeded_duration_ = nullptr;
  Counter* seeded_found_ = nullptr;
  Counter* seeded_missed_ = nullptr;
  Counter* destroys_ok_ = nullptr;
  Counter* destroys_leaked_ = nullptr;
  Histogram* destroy_duration_ = nullptr;
  std::array<Histogram*, flavor_names.size()> grace_period_{};
  std::array<Counter*, flavor_names.size()> enqueued_{};
  std::array<Counter*, flavor_names.size()> invoked_{};
  std::array<Gauge*, flavor_names.size()> pending_{};
  std::array<Gauge*, allocator_lists> cache_objects_{};
};

// Bounds of the histograms whose worker counts by powers of two of nanoseconds: 2^first … 2^last ns, in seconds.
inline constexpr unsigned histogram_first_power = 10;
inline constexpr unsigned histogram_last_power = 31;
std::vector<double> power_bounds();

}  // namespace rcufarm::stress

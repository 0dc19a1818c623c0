#include "stress/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>

#include "stress/config/models.h"
#include "stress/metrics/process_metrics.h"

namespace rcufarm::stress {

namespace {

// What may end a worker before its time.
constexpr std::array restart_reasons = {Ended::exit,    Ended::crash,    Ended::hang,   Ended::oom,
                                        Ended::timeout, Ended::resource, Ended::missing};
constexpr std::array afl_lanes = {Lane::afl_sim, Lane::afl_native, Lane::afl_adopted};
constexpr std::array fuzz_lanes = {Lane::libfuzzer_sim,     Lane::libfuzzer_native, Lane::libfuzzer_native_tsan,
                                   Lane::libfuzzer_adopted, Lane::afl_sim,          Lane::afl_native,
                                   Lane::afl_adopted};

}  // namespace

std::vector<double> power_bounds() {
  std::vector<double> bounds;
  for (unsigned power = histogram_first_power; power <= histogram_last_power; ++power) {
    bounds.push_back(static_cast<double>(std::uint64_t{1} << power) * 1e-9);
  }
  return bounds;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = counters_[name];
  if (family == nullptr) family = &prometheus::BuildCounter().Name("rcufarm_" + name).Help(help).Register(registry_);
  return family->Add(labels);
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = gauges_[name];
  if (family == nullptr) family = &prometheus::BuildGauge().Name("rcufarm_" + name).Help(help).Register(registry_);
  return family->Add(labels);
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                              const Labels& labels) {
  auto& family = histograms_[name];
  if (family == nullptr) family = &prometheus::BuildHistogram().Name("rcufarm_" + name).Help(help).Register(registry_);
  return family->Add(labels, bounds);
}

Metrics::Metrics(const std::string& revision, const std::string& compiler, const ProgramsConfig& programs)
    : programs_(programs) {
  gauge("build_info", "Always 1; the labels say what was built.", {{"revision", revision}, {"compiler", compiler}})
      .Set(1);
  add_search();
  add_findings();
  add_workers();
  add_allocator();
}

void Metrics::add_search() {
  for (const Lane lane : all_lanes) {
    executions_[static_cast<unsigned>(lane)] =
        &counter("executions_total", "Inputs or schedules that were run.",
                 {{"engine", name_of(engine_of(lane))}, {"target", target_of(lane, programs_)}});
  }
  for (const std::string_view strategy : strategy_names) {
    for (const std::string_view model : model_names) {
      schedules_[{std::string(strategy), std::string(model)}] =
          &counter("schedules_total",
                   "Schedules that the explorer ran, by who decided what runs next and under which memory model.",
                   {{"strategy", std::string(strategy)}, {"model", std::string(model)}});
    }
  }
  for (const auto engine : {Engine::libfuzzer, Engine::afl}) {
    for (const std::string& target : corpora_of(programs_)) {
      corpus_entries(engine, target);
      corpus_bytes(engine, target);
    }
  }
  for (const Lane lane : fuzz_lanes) {
    const Labels labels{{"engine", name_of(engine_of(lane))}, {"target", target_of(lane, programs_)}};
    coverage_edges_[lane] = &gauge("coverage_edges", "Edges reached, in the engine's own unit.", labels);
    coverage_instrumented_[lane] = &gauge("coverage_instrumented_edges", "Edges that there are.", labels);
  }
  reads_from_pairs_ =
      &gauge("coverage_reads_from_pairs", "Distinct pairs of a store and a load that read it; the most in one stint.");
  for (const char* signal : {"edges", "reads_from"}) {
    last_new_coverage_[signal] =
        &gauge("last_new_coverage_timestamp_seconds", "When coverage grew last; 0: not since this store began.",
               {{"signal", signal}});
  }
  for (const Lane lane : afl_lanes) afl_stability(lane);
}

void Metrics::add_findings() {
  for (const oracle::Kind kind : oracle::all_kinds) {
    count_crash(name_of(kind), true, 0);
    count_crash(name_of(kind), false, 0);
  }
  set_bugs({});
  set_changes({});
  set_proofs({});
  leads().Set(0);
  journal_entries().Set(0);
  for (const char* list : list_names) {
    counter("leaked_objects_total",
            "Objects that were not back in the slab after destroy, by the list they were lost from.", {{"list", list}});
    counter("leaked_bytes_total", "Their bytes, where the report tells them.", {{"list", list}});
  }
  canary_detections_ = &counter("canary_detections_total", "Planted mistakes that were found.");
  canary_last_ = &gauge("canary_last_detection_timestamp_seconds", "When one was found last; 0: never.");
  seeded_duration_ = &histogram("seeded_bug_detection_duration_seconds", "Time until a planted mistake was found.",
                                {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300});
  for (const bool found : {true, false}) {
    (found ? seeded_found_ : seeded_missed_) = &counter("seeded_bug_trials_total", "Searches for a planted mistake.",
                                                        {{"outcome", found ? "found" : "missed"}});
  }
}

void Metrics::add_workers() {
  for (unsigned i = 0; i < worker_states.size(); ++i) {
    workers_[i] = &gauge("workers", "Kinds of workers by what they do now.", {{"state", worker_states[i]}});
  }
  for (const Ended reason : restart_reasons) {
    restarts_[reason] = &counter("worker_restarts_total", "Workers that ended before their time, by why.",
                                 {{"reason", name_of(reason)}});
  }
  for (unsigned i = 0; i < engine_count; ++i) {
    resident_memory_[i] = &gauge("worker_resident_memory_bytes", "Of the engine's workers with all their children.",
                                 {{"engine", name_of(static_cast<Engine>(i))}});
  }
}

void Metrics::add_allocator() {
  destroys_ok_ = &counter("destroys_total", "Allocators destroyed by stress workers.", {{"result", "ok"}});
  destroys_leaked_ = &counter("destroys_total", "Allocators destroyed by stress workers.", {{"result", "leaked"}});
  destroy_duration_ = &histogram("destroy_duration_seconds", "How long a destroy takes.", power_bounds());
  for (unsigned i = 0; i < flavor_names.size(); ++i) {
    const Labels flavor{{"flavor", flavor_names[i]}};
    grace_period_[i] =
        &histogram("grace_period_duration_seconds", "How long a grace period takes.", power_bounds(), flavor);
    enqueued_[i] = &counter("callbacks_enqueued_total", "RCU callbacks queued.", flavor);
    invoked_[i] = &counter("callbacks_invoked_total", "RCU callbacks invoked.", flavor);
    pending_[i] =
        &gauge("callbacks_pending", "RCU callbacks queued and not invoked, when a run's tasks had ended.", flavor);
  }
  for (unsigned i = 0; i < allocator_lists; ++i) {
    cache_objects_[i] =
        &gauge("cache_objects", "Objects on the allocator's lists, as the last run's destroys found them.",
               {{"list", list_names[i]}});
  }
}

Gauge& Metrics::corpus_entries(Engine engine, const std::string& target) {
  return gauge("corpus_entries", "Inputs kept. libfuzzer: the folder that all engines share; afl: its own queue.",
               {{"engine", name_of(engine)}, {"target", target}});
}

Gauge& Metrics::corpus_bytes(Engine engine, const std::string& target) {
  return gauge("corpus_bytes", "Their size.", {{"engine", name_of(engine)}, {"target", target}});
}

void Metrics::count_crash(const std::string& kind, bool is_new, double n) {
  counter("crashes_total", "Findings met, by whether the store had them already.",
          {{"kind", kind}, {"novelty", is_new ? "new" : "known"}})
      .Increment(n);
}

void Metrics::set_bugs(const std::vector<BugCount>& counts) {
  for (const oracle::Kind k : oracle::all_kinds) {
    const std::string kind = name_of(k);
    std::uint64_t unseen = 0;
    for (const auto state : {FindingState::open, FindingState::fixed, FindingState::reopened}) {
      const auto same =
          std::ranges::find_if(counts, [&](const BugCount& c) { return c.kind == kind && c.state == state; });
      const std::uint64_t all = same == counts.end() ? 0 : same->all;
      if (same != counts.end() && state != FindingState::fixed) unseen += same->unacknowledged;
      gauge("bugs", "Distinct findings in the store; of farms that share one only the leader tells them.",
            {{"kind", kind}, {"state", name_of(state)}})
          .Set(static_cast<double>(all));
    }
    gauge("bugs_unacknowledged", "Distinct findings that are open and that nobody has acknowledged.", {{"kind", kind}})
        .Set(static_cast<double>(unseen));
  }
}

void Metrics::set_changes(const std::vector<ChangeCount>& counts) {
  for (const bool is_patch : {true, false}) {
    const char* kind = is_patch ? "patch" : "commit";
    Milliseconds oldest = 0;
    for (const std::string state : change_states) {
      std::uint64_t all = 0;
      for (const ChangeCount& c : counts) {
        if (c.source.empty() != is_patch || c.state != state) continue;
        all += c.count;
        if (state == "waiting" && (oldest == 0 || c.oldest < oldest)) oldest = c.oldest;
      }
      gauge("changes", "Patches and commits in the store; of farms that share one only the leader tells them.",
            {{"kind", kind}, {"state", state}})
          .Set(static_cast<double>(all));
    }
    gauge("changes_oldest_waiting_timestamp_seconds",
          "When the patch or commit came that waits longest for a farm; 0: none waits. Told by the leader.",
          {{"kind", kind}})
        .Set(static_cast<double>(oldest) / 1e3);
  }
}

void Metrics::set_proofs(const std::vector<Proof>& proofs) {
  for (const std::string_view name : model_names) {
    const std::string model{name};
    ProofSize all;
    unsigned proven = 0;
    for (const Proof& proof : proofs) {
      if (proof.model != model) continue;
      proven = proven_operations(proof);
      for (const ProofSize& size : proof.sizes) {
        all.proven += size.proven;
        all.limited += size.limited;
        all.wrong += size.wrong;
        all.begun += size.begun;
        all.executions += size.executions;
      }
    }
    gauge("proof_operations", "Every program with at most so many operations is proven right. Told by the leader.",
          {{"model", model}})
        .Set(proven);
    gauge("proof_executions", "Executions of the newest proof, each one of a class of its own. Told by the leader.",
          {{"model", model}})
        .Set(static_cast<double>(all.executions));
    for (const auto& [state, programs] :
         {std::pair{"proven", all.proven}, {"limited", all.limited}, {"wrong", all.wrong}, {"begun", all.begun}}) {
      gauge("proof_programs", "Programs of the newest proof by what came of them. Told by the leader.",
            {{"model", model}, {"state", state}})
          .Set(static_cast<double>(programs));
    }
  }
}

void Metrics::count_leak(const harness::Leak& leak) {
  const auto* const known = std::ranges::find(list_names, leak.list);
  const Labels labels{{"list", known == list_names.end() ? list_names[allocator_lists] : *known}};
  counter("leaked_objects_total", "", labels).Increment(static_cast<double>(leak.objects));
  counter("leaked_bytes_total", "", labels).Increment(static_cast<double>(leak.bytes));
}

Gauge& Metrics::afl_stability(Lane lane) {
  return gauge("afl_stability_ratio", "Share of AFL++'s map that is the same when an input runs again.",
               {{"target", target_of(lane, programs_)}});
}

Gauge& Metrics::preflight_ok(const std::string& check) {
  return gauge("preflight_ok", "1 if what a kind of worker needs is there; the status page says what is missing.",
               {{"check", check}});
}

std::string Metrics::text() const {
  auto families = registry_.Collect();
  auto process = process_metrics();
  families.insert(families.end(), std::make_move_iterator(process.begin()), std::make_move_iterator(process.end()));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace rcufarm::stress

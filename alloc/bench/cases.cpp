#include "bench/cases.h"

#include "bench/barrier_case.h"
#include "bench/call_rcu_side.h"
#include "bench/child_benchmark.h"
#include "bench/deferred.h"
#include "bench/destroy_case.h"
#include "bench/our_side.h"
#include "bench/storm_case.h"
#include "bench/targets.h"

namespace rcufarm::bench {
namespace {

// A rate that both sides sustain on two slow cores, and about 10,000 objects for each round of call_rcu's thread.
constexpr const char* paced_objects_per_s = "2000000";
constexpr const char* paced_objects = "2000128";  // a second's worth, in whole bursts
constexpr const char* burst_objects = "256";      // every 128 us

DeferredPlan plan_of(const Settings& settings) {
  DeferredPlan plan;
  plan.reader = section_length_setting(settings);
  plan.objects_per_s = number_setting(settings, "objects_per_s");
  plan.objects = static_cast<std::int64_t>(number_setting(settings, "objects"));
  plan.burst = static_cast<std::int64_t>(number_setting(settings, "burst"));
  return plan;
}

CaseResult run_ours(const Settings& settings) {
  return measure_deferred(plan_of(settings), [] { return OurSide(machine_config(2)); });
}

CaseResult run_call_rcu(const Settings& settings) {
  const auto baseline = load_baseline(text_setting(settings, "malloc"));
  if (const auto* error = std::get_if<std::string>(&baseline)) return CaseError{*error};
  return measure_deferred(plan_of(settings), [&] { return CallRcuSide(std::get<Baseline>(baseline)); });
}

void register_deferred(const std::string& side, const std::string& case_name, Settings settings) {
  settings["objects_per_s"] = paced_objects_per_s;
  settings["objects"] = paced_objects;
  settings["burst"] = burst_objects;
  for (const char* reader : {"short", "1ms"}) {
    settings["reader"] = reader;
    register_child_case(deferred_name(side, reader), case_name, settings);
  }
}

}  // namespace

const std::map<std::string, CaseFunction>& child_cases() {
  static const std::map<std::string, CaseFunction> cases{
      {"deferred-ours", &run_ours}, {"deferred-call_rcu", &run_call_rcu},
      {"storm", &run_storm},        {"destroy", &run_destroy},
      {"barrier", &run_barrier},
  };
  return cases;
}

void register_child_cases() {
  register_deferred("ours", "deferred-ours", {});
  register_deferred("call_rcu", "deferred-call_rcu", {{"malloc", "glibc"}});
  register_deferred("call_rcu-mimalloc", "deferred-call_rcu", {{"malloc", "mimalloc"}});
  for (const bool urgent : {true, false}) {
    register_child_case(storm_name(urgent), "storm", {{"urgent", urgent ? "1" : "0"}, {"reader", "1ms"}});
  }
  for (const char* reader : {"short", "1ms"})
    register_child_case(destroy_name(reader), "destroy", {{"reader", reader}});
  for (const char* queued : queued_kinds)
    register_child_case(barrier_name(queued), "barrier", {{"reader", "short"}, {"queued", queued}});
}

}  // namespace rcufarm::bench

#include "bench/targets.h"

namespace rcufarm::bench {

std::string alloc_free_name(const std::string& subject, int batch, int threads) {
  return "a/" + subject + "/batch:" + std::to_string(batch) + "/threads:" + std::to_string(threads);
}
std::string cross_cpu_name(const std::string& subject) { return "b/" + subject + "/threads:2"; }
std::string deferred_name(const std::string& side, const std::string& reader) {
  return "c/" + side + "/reader:" + reader;
}
std::string storm_name(bool urgent) { return std::string("d/urgent:") + (urgent ? "on" : "off"); }
std::string destroy_name(const std::string& reader) { return "e/destroy/reader:" + reader; }
std::string barrier_name(const std::string& queued) { return "f/barrier/queued:" + queued; }

Judgement judge(const Target& target, const Results& results) {
  Judgement judgement;
  if (target.reference.empty()) {
    judgement.measured = results.maximum(target.benchmark, target.metric);
  } else {
    const auto figure = results.median(target.benchmark, target.metric);
    const auto reference = results.median(target.reference, target.metric);
    if (figure && reference && *reference > 0) judgement.measured = *figure / *reference;
  }
  if (!judgement.measured) return judgement;
  const double measured = *judgement.measured;
  const bool reached = target.bound == Bound::at_most ? measured <= target.limit : measured >= target.limit;
  judgement.verdict = reached ? Verdict::reached : Verdict::missed;
  return judgement;
}

std::vector<Target> all_targets() {
  std::vector<Target> targets;
  for (const std::string& ours : {ours_cache, ours_classes}) {
    const auto against_mimalloc = [&](int batch, double limit) {
      targets.push_back({"(a) " + ours + ", batch " + std::to_string(batch) + ": CPU over mimalloc's",
                         alloc_free_name(ours, batch, 1), alloc_free_name("mimalloc", batch, 1),
                         Metric::cpu_ns_per_object, Bound::at_most, limit});
    };
    const auto two_threads = [&](int batch) {
      targets.push_back({"(a) " + ours + ", batch " + std::to_string(batch) + ": CPU of two threads over one",
                         alloc_free_name(ours, batch, 2), alloc_free_name(ours, batch, 1), Metric::cpu_ns_per_object,
                         Bound::at_most, 1.10});
    };
    against_mimalloc(1, 0.70);
    against_mimalloc(32, 1.00);
    two_threads(1);
    two_threads(32);
    targets.push_back({"(b) " + ours + ": rate over mimalloc's", cross_cpu_name(ours), cross_cpu_name("mimalloc"),
                       Metric::objects_per_s, Bound::at_least, 1.00});
  }
  for (const std::string reader : {"short", "1ms"}) {
    targets.push_back({"(c) " + reader + " sections: CPU over call_rcu's", deferred_name("ours", reader),
                       deferred_name("call_rcu", reader), Metric::cpu_ns_per_object, Bound::at_most, 1.0 / 6});
  }
  targets.push_back({"(c) short sections: peak memory over call_rcu's", deferred_name("ours", "short"),
                     deferred_name("call_rcu", "short"), Metric::peak_bytes, Bound::at_most, 1.0 / 4});
  targets.push_back({"(e) ms until the last object is back, short sections, worst median", destroy_name("short"), "",
                     Metric::destroy_ms, Bound::at_most, 6.0});
  targets.push_back(
      {"(e) the same, longest of all", destroy_name("short"), "", Metric::destroy_max_ms, Bound::at_most, 6.0});
  for (const char* queued : queued_kinds) {
    targets.push_back({std::string("(f) ms of a barrier behind a callback, ") + queued + ", worst median",
                       barrier_name(queued), "", Metric::barrier_ms, Bound::at_most, 2.0});
  }
  return targets;
}

}  // namespace rcufarm::bench

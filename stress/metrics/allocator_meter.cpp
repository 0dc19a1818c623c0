#include "stress/metrics/allocator_meter.h"

#include <algorithm>
#include <vector>

#include "targets/stress_worker.h"

namespace rcufarm::stress {

template <class Buckets>
void AllocatorMeter::observe(Histogram& histogram, Seen& seen, const Buckets& buckets, std::uint64_t ns_sum) {
  // Bucket i of the page is below bound 2^(i+1); ours begin at 2^first, and end with all that is longer.
  std::vector<double> added(histogram_last_power - histogram_first_power + 2, 0.0);
  for (unsigned i = 0; i < Seen::buckets; ++i) {
    const std::uint64_t now = buckets[i].load();
    const unsigned bound = std::clamp(i + 1, histogram_first_power, histogram_last_power + 1);
    added[bound - histogram_first_power] += static_cast<double>(now - seen.ns[i]);
    seen.ns[i] = now;
  }
  histogram.ObserveMultiple(added, static_cast<double>(ns_sum - seen.ns_sum) * 1e-9);
  seen.ns_sum = ns_sum;
}

void AllocatorMeter::read(Metrics& metrics) {
  if (file_.empty()) return;
  if (!page_) page_ = MappedPage::map(file_, sizeof(targets::StressState));
  if (!page_) return;
  const auto& state = page_->as<targets::StressState>();
  if (state.magic.load() != targets::stress_page_magic) return;
  const std::uint64_t destroys = state.destroys.load();
  metrics.destroys(true).Increment(static_cast<double>(destroys - destroys_.first));
  destroys_.first = destroys;
  observe(metrics.destroy_duration(), destroys_, state.destroy_ns, state.destroy_ns_sum.load());
  for (unsigned i = 0; i < targets::stress_lists; ++i) {
    metrics.cache_objects(i).Set(static_cast<double>(state.list_objects[i].load()));
  }
  for (unsigned i = 0; i < targets::stress_flavors; ++i) {
    const auto& rcu = state.rcu[i];
    Seen& seen = flavors_[i];
    const std::uint64_t queued = rcu.callbacks_queued.load();
    const std::uint64_t invoked = rcu.callbacks_invoked.load();
    metrics.callbacks_enqueued(i).Increment(static_cast<double>(queued - seen.first));
    metrics.callbacks_invoked(i).Increment(static_cast<double>(invoked - seen.second));
    metrics.callbacks_pending(i).Set(static_cast<double>(rcu.callbacks_pending.load()));
    seen.first = queued;
    seen.second = invoked;
    observe(metrics.grace_period_duration(i), seen, rcu.grace_period_ns, rcu.grace_period_ns_sum.load());
  }
}

}  // namespace rcufarm::stress

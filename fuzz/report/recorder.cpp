#include "report/recorder.h"

#include <algorithm>
#include <cstring>

namespace rcufarm::report {

Target MachineObjects::at(const void* address) const {
  const sim::ObjectInfo info = machine_.object_at(address);
  if (info.serial == 0) return {};
  const auto offset = static_cast<const char*>(address) - static_cast<const char*>(info.address);
  return {info.serial, static_cast<std::uint32_t>(offset)};
}

void Recorder::note_allocation(const sim::Event& e) {
  auto& all = recording_.allocations;
  if (all.size() <= e.object) all.resize(e.object + 1);
  Allocation& a = all[e.object];
  a.bytes = e.bytes;
  a.by = e.site.function;
  if (std::strcmp(e.text, "per-CPU caches") == 0) {
    a.kind = Allocation::Kind::caches;
    a.allocator = recording_.allocators++;
  } else if (std::strcmp(e.text, "percpu") == 0) {
    a.kind = Allocation::Kind::percpu;
  }
}

Step& Recorder::keep(const Step& step) {
  auto& steps = recording_.steps;
  if (steps.size() < steps_kept_max) return steps.emplace_back(step);
  Step& kept = steps[oldest_] = step;
  oldest_ = (oldest_ + 1) % steps_kept_max;
  ++recording_.forgotten;
  return kept;
}

// A store that its compiler announced: it has happened by the time of the next event.
void Recorder::complete_store() {
  if (announced_ == nullptr) return;
  sim::Event& store = announced_->event;
  std::memcpy(&store.value, store.address, std::min<std::uint64_t>(store.bytes, sizeof(store.value)));
  announced_->value = objects_.at(reinterpret_cast<const void*>(store.value));
  announced_ = nullptr;
}

void Recorder::on_event(const sim::Event& event) {
  complete_store();
  if (event.kind == sim::EventKind::alloc) note_allocation(event);
  Step step{.event = event};
  if (event.kind == sim::EventKind::access && event.op != sim::Op::touch) {
    // A number that happens to be an address is one that points there: fields of this machine hold small numbers.
    step.value = objects_.at(reinterpret_cast<const void*>(event.value));
    step.other = objects_.at(reinterpret_cast<const void*>(event.other));
  }
  const bool is_announced =
      event.kind == sim::EventKind::access && event.op == sim::Op::plain_store && event.bytes != 0;
  // One that takes its place before others gives way to the newest before anybody can look.
  if (is_announced && event.before != 0) step.is_value_known = false;
  Step& kept = keep(step);
  if (is_announced && event.before == 0) announced_ = &kept;
}

void Recorder::on_user(const oracle::UserEvent& event) {
  complete_store();
  if (event.kind == oracle::UserEventKind::cache_made) note_allocator(event.cache);
  keep(Step{.is_user = true, .user = event});
}

// The caches that were allocated last are the user's allocator of that number.
void Recorder::note_allocator(unsigned number) {
  auto& all = recording_.allocations;
  const auto last =
      std::find_if(all.rbegin(), all.rend(), [](const Allocation& a) { return a.kind == Allocation::Kind::caches; });
  if (last != all.rend()) last->allocator = number;
}

Recording Recorder::take() {
  announced_ = nullptr;
  auto& steps = recording_.steps;
  std::rotate(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(oldest_), steps.end());
  oldest_ = 0;
  Recording taken = std::move(recording_);
  recording_ = {};
  recording_.allocations.resize(1);
  return taken;
}

}  // namespace rcufarm::report

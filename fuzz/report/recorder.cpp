#include "report/recorder.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace rcufarm::report {

Target MachineObjects::at(const void* address) const {
  const sim::ObjectInfo info = machine_.object_at(address);
  if (info.serial == 0) return {};
  const auto offset = static_cast<const char*>(address) - static_cast<const char*>(info.address);
  return {info.serial, static_cast<std::uint32_t>(offset)};
}

const void* MachineObjects::begin_of(std::uint32_t serial) const { return machine_.object(serial - 1).address; }

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
  announced_->value = pointee(store.value);
  announced_ = nullptr;
}

void Recorder::on_event(const sim::Event& event) {
  complete_store();
  if (event.kind == sim::EventKind::alloc) note_allocation(event);
  Step step{.event = event, .where = resolved({event.object, event.offset}, pieces_)};
  if (event.kind == sim::EventKind::access && event.op != sim::Op::touch) {
    // A number that happens to be an address is one that points there: fields of this machine hold small numbers.
    step.value = pointee(event.value);
    step.other = pointee(event.other);
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
  if (event.kind == oracle::UserEventKind::alloc_gave && event.object != 0) note_piece(event);
  keep(Step{.is_user = true, .user = event});
}

void Recorder::note_piece(const oracle::UserEvent& event) {
  const Target around = objects_.at(objects_.begin_of(event.object));
  if (around.serial == 0 || around.serial == event.object) return;
  auto& all = recording_.allocations;
  if (all.size() <= event.object) all.resize(event.object + 1);
  all[event.object] = {.kind = Allocation::Kind::piece, .bytes = event.slab_bytes, .around = around};
  const auto end = around.offset + static_cast<std::uint32_t>(std::max<std::uint64_t>(event.slab_bytes, 1));
  auto& pieces = pieces_[around.serial];
  std::erase_if(pieces, [&](const auto& other) { return other.first < end && around.offset < other.second.end; });
  pieces[around.offset] = {event.object, end};
  auto& first = first_[around.serial];
  if (is_free(first, around.offset, end)) first[around.offset] = {event.object, end};
}

bool Recorder::is_free(const std::map<std::uint32_t, Piece>& pieces, std::uint32_t begin, std::uint32_t end) {
  return std::none_of(pieces.begin(), pieces.end(),
                      [&](const auto& other) { return other.first < end && begin < other.second.end; });
}

// What is a piece stays one though it has been given back: until its bytes are handed out anew, nobody has another name for them.
Target Recorder::resolved(Target whole, const Pieces& all) {
  const auto pieces = all.find(whole.serial);
  if (pieces == all.end()) return whole;
  const auto behind = pieces->second.upper_bound(whole.offset);
  if (behind == pieces->second.begin()) return whole;
  const auto& [begin, piece] = *std::prev(behind);
  return whole.offset < piece.end ? Target{piece.serial, whole.offset - begin} : whole;
}

// Its owner's first links, before anybody was handed it: they are its words, too.
void Recorder::name_what_came_before_its_piece() {
  if (first_.empty()) return;
  for (Step& step : recording_.steps) {
    for (Target* target : {&step.where, &step.value, &step.other}) *target = resolved(*target, first_);
  }
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
  name_what_came_before_its_piece();
  auto& steps = recording_.steps;
  std::rotate(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(oldest_), steps.end());
  oldest_ = 0;
  Recording taken = std::move(recording_);
  recording_ = {};
  recording_.allocations.resize(1);
  pieces_.clear();
  first_.clear();
  return taken;
}

}  // namespace rcufarm::report

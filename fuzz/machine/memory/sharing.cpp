// Where the machine looks into what was learnt of sharing, and adds to it.
#include "machine/memory/sharing.h"

#include <algorithm>
#include <bit>

#include "machine/memory/accesses.h"

namespace rcufarm::sim {

namespace {

// All that reads or writes words and does nothing else. What makes others go on, or lets them in, is none of it.
bool is_access(Op op) { return op >= Op::atomic_load && op <= Op::llist_del_first_local; }

}  // namespace

void Sharing::learn(std::size_t word, Accessor accessor, bool writes) {
  Touched& touched = words_[word][part_];
  touched.is_written = touched.is_written || writes;
  if (touched.by.context == 0) {
    touched_.push_back(static_cast<std::uint32_t>(word));
    touched.by = accessor;
  } else if (touched.by.context != accessor.context) {
    touched.is_shared = true;
    touched.is_between_lanes = touched.is_between_lanes || touched.by.lane != accessor.lane;
  } else if (touched.by.lane != accessor.lane) {
    touched.by.lane = no_lane;
    touched.is_between_lanes = touched.is_shared;
  }
}

// Of a lane's contexts one goes on at a time: only those that could take its place can tell.
bool Accesses::matters_to_others(std::size_t word, bool writes) const {
  switch (learner->matters(word, accessor(), writes)) {
    case Sharing::Matters::never: return false;
    case Sharing::Matters::to_its_lane: return candidates.meets(current->lane->domain - current->alone);
    case Sharing::Matters::always: return true;
  }
  return true;
}

bool Accesses::matters_to_others(const Pending& mine) const {
  const std::size_t offset = memory.offset_of(mine.address);
  if (is_access(mine.op)) return matters_to_others(Sharing::word_at(offset), mine.writes);
  if (mine.op != Op::slab_free || offset >= arena_bytes) return true;
  // A free is a write to all that anybody has touched of the object.
  const std::size_t first = Sharing::word_at(offset / object_bytes_backed * object_bytes_backed);
  if (first == Sharing::words_max) return true;
  unsigned touched = memory.slot_at(offset).touched;
  if (touched == 0) return true;
  for (; touched != 0; touched &= touched - 1) {
    if (matters_to_others(first + static_cast<unsigned>(std::countr_zero(touched)), true)) return true;
  }
  return false;
}

// A task that is led to its first operation stops there, whatever that is: where it begins is the program's order.
bool Accesses::goes_unasked(const Pending& mine) {
  if (starter != nullptr || matters_to_others(mine)) return false;
  ++unasked;
  // The limit of points holds here, too, and for those that are asked at later.
  if (steps >= settings.points_max) [[unlikely]] {
    ask();
  }
  budget = std::min(budget, settings.points_max - steps - 1);
  return true;
}

}  // namespace rcufarm::sim

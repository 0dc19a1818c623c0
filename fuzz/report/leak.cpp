#include "report/leak.h"

namespace rcufarm::report {

namespace {

// Does the step add the object to a list, take it from there or find it in front?
bool meets(const Step& s, std::uint32_t object) {
  if (!s.is_access()) return false;
  switch (s.event.op) {
    case sim::Op::llist_add:
    case sim::Op::llist_add_batch:
    case sim::Op::llist_set_all: return s.value.serial == object;
    case sim::Op::llist_del_all: return s.other.serial == object;
    case sim::Op::llist_del_first: return s.value.serial == object || s.other.serial == object;
    default: return false;
  }
}

}  // namespace

harness::Leak leak_of(const Recording& recording, std::uint32_t object, const AllocatorNames& names) {
  harness::Leak leak;
  const Namer namer(names, recording);
  if (object == 0 || object >= recording.allocations.size() || namer.is_caches(object)) return leak;
  leak.bytes = recording.allocations[object].bytes;
  for (const Step& s : recording.steps) {
    if (!meets(s, object)) continue;
    if (const auto list = namer.field({s.event.object, s.event.offset}); !list.empty()) leak.list = list;
  }
  return leak;
}

}  // namespace rcufarm::report

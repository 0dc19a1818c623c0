// The part of the user that allocators of user space alone have: threads that begin and end, sections of their own, and readers of which
// they know. For others nothing.
#include "harness/sim/sim_user.h"

namespace rcufarm::harness {

void SimUser::thread_begins() {
  if (allocator_.user_space != nullptr && caches_[0].there && allocator_.user_space->thread_begin != nullptr)
    allocator_.user_space->thread_begin();
}

void SimUser::thread_ends() {
  if (allocator_.user_space != nullptr && caches_[0].there && allocator_.user_space->thread_end != nullptr)
    allocator_.user_space->thread_end();
}

bool SimUser::is_in_section() const {
  return allocator_.user_space != nullptr && open_sections_[sim::index_of(machine_.context())] != 0;
}

void SimUser::section_begins() {
  ++open_sections_[sim::index_of(machine_.context())];
  if (allocator_.user_space != nullptr && caches_[0].there && allocator_.user_space->read_lock != nullptr)
    allocator_.user_space->read_lock();
}

void SimUser::section_ends() {
  --open_sections_[sim::index_of(machine_.context())];
  if (allocator_.user_space != nullptr && caches_[0].there && allocator_.user_space->read_unlock != nullptr)
    allocator_.user_space->read_unlock();
}

void SimUser::is_quiescent() {
  if (allocator_.user_space != nullptr && caches_[0].there && allocator_.user_space->quiescent != nullptr)
    allocator_.user_space->quiescent();
}

bool SimUser::reader_may_have(const SimRecord& record) const {
  return allocator_.user_space != nullptr && allocator_.readers != oracle::Readers::none && record.is_shown;
}

}  // namespace rcufarm::harness

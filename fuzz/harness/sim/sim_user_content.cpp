// What the user writes into its objects, and whether it is there still.
#include <algorithm>

#include "harness/sim/sim_user.h"

namespace rcufarm::harness {

using oracle::UserCall;
using oracle::UserEvent;
using oracle::UserEventKind;
using scenario::CacheKind;

namespace {

constexpr std::size_t content_word = 8;

// Byte number i of what is written into hand-out number n.
std::byte content_at(std::uint32_t number, std::size_t i) {
  const std::uint64_t word = (number + 1) * 0x9e3779b97f4a7c15U;
  return static_cast<std::byte>(word >> (8 * (i % content_word)));
}

// The first and the last bytes of an object: visit(index).
template <class Visitor>
void for_content(std::size_t bytes, Visitor visit) {
  const std::size_t ends = std::min(bytes, content_word);
  for (std::size_t i = 0; i < ends; ++i) visit(i);
  for (std::size_t i = bytes - ends; i < bytes; ++i) visit(i);
}

}  // namespace

// Of a per-CPU object the user has what its pointer leads to.
void SimUser::write_content(SimRecord& record, std::size_t bytes) const {
  if (caches_[record.cache].kind == CacheKind::percpu) return;
  auto* content = static_cast<volatile std::byte*>(record.user);
  if (allocator_.user_space != nullptr) {
    // Nobody told where it is: alloc gave what is no memory of its.
    if (record.object == 0) return;
    record.content_bytes = static_cast<std::uint32_t>(bytes);
    return for_content(record.content_bytes, [&](std::size_t i) { content[i] = content_at(record.number, i); });
  }
  const sim::ObjectInfo object = machine_.object_at(record.user);
  const std::size_t room = std::min<std::size_t>(object.bytes, sim::object_bytes_backed);
  const auto offset =
      static_cast<std::size_t>(static_cast<const char*>(record.user) - static_cast<const char*>(object.address));
  if (!object.alive || room <= offset) return;
  record.content_bytes = static_cast<std::uint32_t>(std::min(bytes, room - offset));
  for_content(record.content_bytes, [&](std::size_t i) { content[i] = content_at(record.number, i); });
}

void SimUser::report_changed(const SimRecord& record) {
  UserEvent u = event(UserEventKind::content_changed, UserCall::none, record.cache);
  u.object = record.object;
  sink_.on_user(u);
}

void SimUser::check_content(const SimRecord& record, std::size_t but) {
  if (record.content_bytes == 0) return;
  if (allocator_.user_space == nullptr) {
    const sim::ObjectInfo object = machine_.object_at(record.user);
    if (!object.alive || object.serial != record.object) return;
  }
  const auto* content = static_cast<const volatile std::byte*>(record.user);
  bool is_changed = false;
  for_content(record.content_bytes,
              [&](std::size_t i) { is_changed |= i >= but && content[i] != content_at(record.number, i); });
  if (is_changed) report_changed(record);
}

// By whoever gives it back, for the last time.
void SimUser::check_as_owner(const SimRecord& record) {
  check_content(record);
  const bool is_intact = allocator_.is_intact == nullptr || allocator_.is_intact(instance(record.cache), record.user);
  if (!is_intact) report_changed(record);
}

}  // namespace rcufarm::harness

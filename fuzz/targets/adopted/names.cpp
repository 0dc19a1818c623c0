// The names of an adopted allocator's words: globals by debug information; it has no table of fields, and every step is told with
// its line.
#include "report/names.h"

#include "machine/hooks/code_under_test.h"
#include "machine/hooks/debug_info.h"

namespace rcufarm::report {

namespace {
// A thread_local one is known by what the compiler made for it (-femulated-tls).
std::string global_at(const void* address) {
  const hooks::Thread::Variable* own = hooks::CodeUnderTest::of_program().variable_at(address);
  if (own == nullptr) return hooks::debug_info().variable_at(address);
  std::string name = hooks::debug_info().variable_at(own->control);
  if (const std::size_t dot = name.find('.'); dot != std::string::npos) name.erase(0, dot + 1);
  const auto offset = static_cast<const char*>(address) - static_cast<const char*>(own->memory);
  return offset == 0 ? name : name + "+" + std::to_string(offset);
}
}  // namespace

const AllocatorNames& linked_allocator_names() {
  using oracle::UserCall;
  static const AllocatorNames names = [] {
    AllocatorNames all{.fields = {}, .numbers_every_file = true, .is_user_space = true, .global_at = global_at};
    all.calls[static_cast<std::size_t>(UserCall::free_rcu)] = "free_deferred";
    return all;
  }();
  return names;
}

}  // namespace rcufarm::report

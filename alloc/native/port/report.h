// warn_on and report_misuse.
//
// Job: what an allocator says about itself goes into the machine's reports (native/reports.h). Any context.
#pragma once

#include "kernel/types.h"

namespace rcufarm::native {
[[gnu::cold, gnu::noinline]] void report_warning(const char* text) noexcept;
}

namespace rcufarm::kernel {
inline namespace native {

// Gives the condition back.
inline bool warn_on(bool condition, const char* text) noexcept {
  if (condition) [[unlikely]]
    ::rcufarm::native::report_warning(text);
  return condition;
}

void report_misuse(const Misuse& misuse) noexcept;

}  // namespace native
}  // namespace rcufarm::kernel

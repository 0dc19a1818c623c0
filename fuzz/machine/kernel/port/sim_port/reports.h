// What code under test tells the machine: that it waits, that something is wrong.
//
// Job: the calls. Any context.
#pragma once

#include "sim_port/detail.h"

namespace rcufarm::kernel {
inline namespace sim {

inline void cpu_relax(const detail::Site& site = detail::Site::here()) { ::rcufarm::sim::cpu_relax(site); }

inline bool warn_on(bool condition, const char* text, const detail::Site& site = detail::Site::here()) {
  if (condition) ::rcufarm::sim::warn(text, site);
  return condition;
}

inline void report_misuse(const Misuse& misuse, const detail::Site& site = detail::Site::here()) {
  ::rcufarm::sim::misuse(misuse.call, misuse.what, misuse.object, site);
}

}  // namespace sim
}  // namespace rcufarm::kernel

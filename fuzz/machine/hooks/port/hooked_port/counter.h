// Counter: a statistic, of which the compiler announces nothing.
//
// Job: no scheduling point and no edge, as the contract says; but memory that is freed is freed for it, too. Any context.
#pragma once

#include <cstdint>

#include "sim_port/hooks.h"

namespace rcufarm::hooks {

// counter.cpp: not instrumented, and not to be inlined where all else is.
void add_unannounced(std::int64_t& value, std::int64_t n);
std::int64_t read_unannounced(const std::int64_t& value);

}  // namespace rcufarm::hooks

namespace rcufarm::kernel {
inline namespace hooked {

class Counter {
  using Site = ::rcufarm::sim::Site;

 public:
  void add(std::int64_t n, const Site& site = Site::here()) {
    ::rcufarm::sim::counter_access(this, true, site);
    ::rcufarm::hooks::add_unannounced(value_, n);
  }
  void add_shared(std::int64_t n, const Site& site = Site::here()) { add(n, site); }
  std::int64_t read(const Site& site = Site::here()) const {
    ::rcufarm::sim::counter_access(this, false, site);
    return ::rcufarm::hooks::read_unannounced(value_);
  }

 private:
  std::int64_t value_ = 0;
};

}  // namespace hooked
}  // namespace rcufarm::kernel

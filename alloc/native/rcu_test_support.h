// What the tests of RCU share: settings, and a reader that stays until it is told to leave.
#pragma once

#include "native/test_support.h"

namespace rcufarm::native::test {

inline constexpr auto never = std::chrono::hours(1);

inline RcuFlavor other_than(RcuFlavor flavor) {
  return flavor == RcuFlavor::regular ? RcuFlavor::tasks_trace : RcuFlavor::regular;
}

inline MachineConfig config_with(bool implies, RcuPacing pacing = {}) {
  MachineConfig config = machine_of(4);
  config.rcu_trace_implies_rcu_gp = implies;
  config.pacing = pacing;
  return config;
}

// A thread that is inside a read section from the constructor to leave().
class Reader {
 public:
  Reader(
      Machine& machine, RcuFlavor flavor, std::function<void()> before_leaving = [] {})
      : job_(run_on_pool([this, &machine, flavor, last = std::move(before_leaving)] {
          const CpuOwner me(machine);
          const kernel::ReadSection section(flavor);
          inside_ = true;
          wait_until([this] { return leave_.load(); });
          last();
        })) {
    wait_until([this] { return inside_.load(); });
  }
  void leave() {
    leave_ = true;
    job_.join();
  }

 private:
  std::atomic<bool> inside_{false};
  std::atomic<bool> leave_{false};
  Job job_;
};

}  // namespace rcufarm::native::test

// Which operation is legal where: kernel/README.md's table, in code.
//
// Job: the check that operations off the fast path begin with. A violation becomes a report of kind illegal_context
// with the operation's name; the operation then does nothing where going on could hang or corrupt. Any context.
#pragma once

#include <cstdint>

namespace rcufarm::native {

class Machine;

enum class Operation : std::uint8_t {
  irq_work_sync,
  raw_spin_lock,
  call_rcu,
  rcu_request_urgent_qs,
  synchronize_rcu,
  rcu_barrier,
  allocate_nowait,
  allocate_may_sleep,
  free,
  get_obj_cgroup,
  put_obj_cgroup,
  queue_work,
};

// `name` is the function that was called. True: go on.
bool legal(Operation operation, const char* name) noexcept;

}  // namespace rcufarm::native

#include <urcu/urcu-bp.h>

#include "native/rcu_library.h"
#include "native/rcu_readers.h"

namespace rcufarm::native {

const RcuLibrary rcu_bp = {
    .read_lock = &urcu_bp_read_lock,
    .read_unlock = &urcu_bp_read_unlock,
    .synchronize =
        [] {
          // It looks about 100 times whether readers have left, and then only every 10 ms (with all signals blocked,
          // so that nothing can shorten that). So it had better find none that stays.
          wait_for_older_readers(kernel::RcuFlavor::tasks_trace);
          wait_until_readers_move(kernel::RcuFlavor::tasks_trace);
          urcu_bp_synchronize_rcu();
        },
    // Registers itself at the first read section too, but that one may be in a signal handler.
    .register_thread = &urcu_bp_register_thread,
    .unregister_thread = [] {},  // at thread exit, by itself
};

}  // namespace rcufarm::native

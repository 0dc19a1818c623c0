#include <urcu/urcu-bp.h>

#include "native/rcu_library.h"
#include "native/short_polls.h"

namespace rcufarm::native {

const RcuLibrary rcu_bp = {
    .read_lock = &urcu_bp_read_lock,
    .read_unlock = &urcu_bp_read_unlock,
    .synchronize =
        [] {
          const ShortPolls polls;
          urcu_bp_synchronize_rcu();
        },
    // Registers itself at the first read section too, but that one may be in a signal handler.
    .register_thread = &urcu_bp_register_thread,
    .unregister_thread = [] {},  // at thread exit, by itself
};

}  // namespace rcufarm::native

#include <urcu/urcu-memb.h>

#include "native/rcu_library.h"

namespace rcufarm::native {

const RcuLibrary rcu_memb = {
    .read_lock = &urcu_memb_read_lock,
    .read_unlock = &urcu_memb_read_unlock,
    .synchronize = &urcu_memb_synchronize_rcu,
    .register_thread = &urcu_memb_register_thread,
    .unregister_thread = &urcu_memb_unregister_thread,
};

}  // namespace rcufarm::native

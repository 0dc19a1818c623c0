// The machine's word and place, as the port's other headers name them.
#pragma once

#include "sim_port/hooks.h"

namespace rcufarm::kernel {
inline namespace sim {
namespace detail {
using ::rcufarm::sim::Site;
using ::rcufarm::sim::Word;
}  // namespace detail
}  // namespace sim
}  // namespace rcufarm::kernel

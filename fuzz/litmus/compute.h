// Arithmetic of a test's threads.
//
// Job: ints of 32 bits that wrap, and addresses, of which only comparisons and distances have a meaning. Pure.
#pragma once

#include <optional>

#include "litmus/ast.h"

namespace rcufarm::litmus {

// Nothing: it has no meaning, as a division by 0.
std::optional<Value> computed(Op op, Value left, Value right);

}  // namespace rcufarm::litmus

// Mutations of operation lists; only mutations.cpp calls these. Each returns whether there was something to change, and
// may leave values out of range for `normalize` to fold.
#pragma once

#include "scenario/random.h"
#include "scenario/scenario.h"

namespace rcufarm::scenario {

bool insert_op(Scenario& scenario, Random& random);
bool insert_phase(Scenario& scenario, Random& random);
bool delete_ops(Scenario& scenario, Random& random);
bool duplicate_ops(Scenario& scenario, Random& random);
bool swap_ops(Scenario& scenario, Random& random);
bool move_ops(Scenario& scenario, Random& random);
bool replace_op(Scenario& scenario, Random& random);
bool change_operand(Scenario& scenario, Random& random);
bool wrap_in_block(Scenario& scenario, Random& random);

}  // namespace rcufarm::scenario

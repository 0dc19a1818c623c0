// Mutations of everything but operation lists; only mutations.cpp calls these. Each returns whether there was something
// to change, and may leave values out of range for `normalize` to fold.
#pragma once

#include "scenario/random.h"
#include "scenario/scenario.h"

namespace rcufarm::scenario {

bool copy_task(Scenario& scenario, Random& random);
bool change_tasks(Scenario& scenario, Random& random);
bool change_placement(Scenario& scenario, Random& random);
bool change_programs(Scenario& scenario, Random& random);
bool change_caches(Scenario& scenario, Random& random);
bool change_setting(Scenario& scenario, Random& random);

}  // namespace rcufarm::scenario

// Anchors: keeping a schedule's deviations where they were when the scenario is edited.
//
// Job: a deviation is anchored at a context's n-th activation event. When an operation or a task goes, later events have
// other numbers; these functions say which. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "machine/engine/schedule.h"

namespace rcufarm::harness {

// How many allocator calls a task had begun before each operation of its list; one more entry for the list's end.
using CallCounts = std::vector<std::uint32_t>;

// The operations [first, last) of the task's list are dropped.
void drop_operations(std::vector<sim::Deviation>& deviations, unsigned task, std::size_t first, std::size_t last,
                     const CallCounts& calls);
// The task is dropped, and the ones above it move down.
void drop_task(std::vector<sim::Deviation>& deviations, unsigned task);
// Likewise a nested program.
void drop_program(std::vector<sim::Deviation>& deviations, unsigned program);

}  // namespace rcufarm::harness

// Sections that order nothing: locks that nobody else takes meanwhile, interrupts that go off and on.
//
// Job: when all steps have their levels, take those of such sections back. A lock's section is told if another context has one of the
// same lock in the run and something that should be told stands in it; a pair of interrupts off and on unless the context goes on
// with the next one at once. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "report/relevance.h"
#include "report/step.h"

namespace rcufarm::report {

// `begin`: what stands before counts for nobody.
void drop_idle_sections(const Recording& recording, std::size_t begin, std::vector<Relation>& relations);

}  // namespace rcufarm::report

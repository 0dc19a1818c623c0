// Where it went wrong: who else reads and updates that word, and what the accused step's function had asked before.
//
// Job: name the steps that show the others' part in a failing word, and the guards that let a party through. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "report/accesses.h"
#include "report/activations.h"
#include "report/names.h"
#include "report/relevance.h"
#include "report/step.h"

namespace rcufarm::report {

struct LevelledStep {
  std::size_t step = 0;
  Level level = Level::never;
};

// Reads and updates of `fatal` words that several contexts touch, from step `begin` on. Of one word the last dozen must be drawn.
std::vector<LevelledStep> fatal_accesses(const Recording& recording, std::size_t begin, const std::set<Word>& fatal,
                                         const Namer& namer);

// What the function of step `party` had read of `shared` words, right before it did its part; two steps at most.
std::vector<std::size_t> guards_of(std::size_t party, const Recording& recording, std::size_t begin,
                                   const std::set<Word>& shared, const Activations& activations);

}  // namespace rcufarm::report

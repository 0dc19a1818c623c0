// Relevance: which steps of a run matter to its finding.
//
// Job: give each step a level, and choose those that a diagram has room for. Pure. What matters is found from the run
// alone: words that one context touched in the middle of another's activation, one of the two writing; what happened to
// the accused object; the parties of the accusation; and where odd loads got their values. No field or function is
// known here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/sim/sim_finding.h"
#include "report/names.h"
#include "report/step.h"

namespace rcufarm::report {

// In the order in which room is given.
enum class Level : std::uint8_t { must, should, may, detail, never };

// What one step has to do with others. Indices into the recording; `none` if there is no such step.
struct Relation {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  Level level = Level::never;
  std::size_t read_from = none;  // of a load or read-modify-write: another context's store
  std::size_t overtaken_by =
      none;  // of a load: the store of another context, in the middle of this one, that it missed
  // Weak memory (sim::Event): what an access of the kind reads or stores is late, though it stands here.
  bool is_stale = false;     // a load reads an older store than the newest; which one is read_from, if there is a step
  std::size_t newer = none;  // of such a load: the newest store
  // Of what follows a bad pointer: the step that read it. Of that one: had nobody stored anything there?
  std::size_t pointer_from = none;
  bool is_unwritten = false;
  std::size_t precedes = none;    // of a store: the one that it takes its place before
  std::size_t unordered = none;   // of a step: the accused one that nothing orders before it
  std::size_t late_store = none;  // of a free, the accused one: the store that reaches memory after it
};

std::vector<Relation> relate(const Recording& recording, const harness::SimFinding& finding, const Namer& namer);

// The steps to draw, in order: the levels that fit into `lines_wanted` as a whole, or the last of those that should be there,
// and never more than `lines_max`
// steps (then the middle is left out).
std::vector<std::size_t> choose_steps(const std::vector<Relation>& relations, std::size_t lines_wanted,
                                      std::size_t lines_max);

}  // namespace rcufarm::report

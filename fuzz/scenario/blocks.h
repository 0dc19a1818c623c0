// Blocks: which read sections and irq-off blocks of a task are open, operation by operation.
//
// Job: the part of legality that a task's own list decides, the same for every runner, printer and statistic. Pure
// book-keeping: no scheduling point, no happens-before edge. Owned by whoever walks the list; not thread-safe.
#pragma once

#include <array>
#include <cstddef>

#include "scenario/operations.h"
#include "scenario/scenario.h"

namespace rcufarm::scenario {

class Blocks {
 public:
  // Takes the task's next operation. False: it must be skipped where it stands. Openings that are too many are skipped
  // together with what closes them.
  bool step(const Operation& op);

  std::size_t depth() const { return depth_; }
  bool interrupts_off() const { return open(Block::irq_off); }
  bool in_section(Flavor flavor) const { return open(flavor == Flavor::regular ? Block::regular : Block::tasks_trace); }
  bool in_any_section() const { return in_section(Flavor::regular) || in_section(Flavor::tasks_trace); }

 private:
  enum class Block : std::uint8_t { regular, tasks_trace, irq_off };

  bool open(Block block) const { return count_[static_cast<std::size_t>(block)] != 0; }
  bool push(Block block);
  bool pop(bool irq_off);
  bool place_is_legal(const Operation& op) const;

  std::array<Block, limits.section_depth_max> open_{};  // the first depth_
  std::array<std::uint8_t, 3> count_{};                 // of them, by kind
  std::size_t depth_ = 0;
  std::size_t ignored_ = 0;  // openings past the limit that are not closed yet
};

}  // namespace rcufarm::scenario

// Replay: a schedule, again.
//
// Job: follow a list of deviations as schedule.h says. One run; the same each time. The empty schedule is the plain order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "machine/engine/schedule.h"
#include "machine/engine/strategy.h"

namespace rcufarm::sim {

class ReplayStrategy final : public Strategy {
 public:
  ReplayStrategy() { follow({}); }
  explicit ReplayStrategy(std::span<const Deviation> deviations) { follow(deviations); }

  // Another list, for the next run.
  void follow(std::span<const Deviation> deviations);
  // Entries of the last run that fitted.
  std::size_t used() const { return used_; }

  const char* name() const override { return "replay"; }
  bool begin_run(std::uint64_t) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override;

 private:
  // A sequence for each context and each kind of choice, who goes on being one of them: of one kind the entries are in the
  // order of their choices, and those of other kinds in between are not passed by them.
  static constexpr unsigned sequence_count = (choice_kinds + 1) * context_count;
  static unsigned sequence_of(ContextId context) { return index_of(context); }  // of who goes on
  static unsigned sequence_of(ChoiceKind kind, ContextId context) {
    return (1 + static_cast<unsigned>(kind)) * context_count + index_of(context);
  }
  // The next entry of the sequence, those before the anchor being dropped; null: none.
  const Deviation* next_for(unsigned sequence, Anchor anchor) {
    return cursor_[sequence] == first_[sequence + 1] ? nullptr : seek(sequence, anchor);
  }
  const Deviation* seek(unsigned sequence, Anchor anchor);

  std::vector<Deviation> entries_;  // of one sequence after the other, each in order
  std::array<std::uint32_t, sequence_count + 1> first_{};
  std::array<std::uint32_t, sequence_count> cursor_{};
  std::size_t used_ = 0;
};

}  // namespace rcufarm::sim

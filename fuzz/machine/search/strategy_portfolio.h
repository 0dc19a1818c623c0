// Portfolio: several strategies share the time.
//
// Job: give each run to the member that has had the fewest steps for its weight, so that time is shared and not runs: a
// member whose runs are long gets fewer. Steps, not seconds: the same members do the same on every machine.
// Source: none; that no one sampler wins everywhere is what the papers of the others agree on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "machine/engine/strategy.h"

namespace rcufarm::sim {

class PortfolioStrategy final : public Strategy {
 public:
  struct Member {
    std::unique_ptr<Strategy> strategy;
    unsigned weight = 1;
    std::uint64_t runs = 0;
    std::uint64_t steps = 0;
    bool exhausted = false;
  };

  explicit PortfolioStrategy(std::vector<Member> members);
  // All random strategies, in equal shares but for PCT, whose five depths share two.
  static PortfolioStrategy usual(std::uint64_t seed);

  const char* name() const override { return "portfolio"; }
  // False when all members are exhausted.
  bool begin_run(std::uint64_t run) override;
  Strategy& of_run() override { return now(); }
  Choice choose(const Situation& s) override { return now().choose(s); }
  unsigned choose(const Options& options) override { return now().choose(options); }
  void end_run(std::uint64_t steps, End end) override;

  // Whose run it is, or was last.
  const Member& current() const { return members_[current_]; }
  std::span<const Member> members() const { return members_; }

 private:
  Strategy& now() { return *members_[current_].strategy; }

  std::vector<Member> members_;
  std::size_t current_ = 0;
};

}  // namespace rcufarm::sim

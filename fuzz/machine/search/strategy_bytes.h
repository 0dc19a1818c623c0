// From bytes: a fuzzer decides.
//
// Job: follow the departures of an input (departures.h). Where none is due the plain order goes on. Behind the last
// preemption a random walk begins, if the input asks for one: a few bytes are then a whole schedule, and departures lead
// to where it begins.
// Source: none; the deviations of the run (Outcome::deviations) are the schedule that is stored.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "machine/engine/departures.h"
#include "machine/engine/strategy.h"
#include "machine/search/random.h"

namespace rcufarm::sim {

class BytesStrategy final : public Strategy {
 public:
  BytesStrategy() = default;
  explicit BytesStrategy(std::span<const Departure> departures, std::uint8_t walk = 0) { follow(departures, walk); }

  // For the next run. The caller keeps them until it is over. `walk`: which random walk follows; 0: none.
  void follow(std::span<const Departure> departures, std::uint8_t walk = 0);

  const char* name() const override { return "bytes"; }
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override;

 private:
  // The departures of one kind: the next one, and how many places are left to pass until it is due.
  struct Sequence {
    std::size_t at = 0;  // departures_.size(): none is left
    std::uint64_t left = 0;
  };

  Sequence& of(DepartureKind kind) { return sequences_[static_cast<unsigned>(kind)]; }
  bool is_over(const Sequence& sequence) const { return sequence.at == departures_.size(); }
  void seek(DepartureKind kind, std::size_t from);
  unsigned take(DepartureKind kind);
  unsigned pass(DepartureKind kind);
  bool walks(DepartureKind kind) { return walk_ != 0 && is_over(of(DepartureKind::preempt)) && is_over(of(kind)); }
  void await_preemption(std::uint64_t step);
  std::uint32_t quiet_after(std::uint64_t step) const;

  std::span<const Departure> departures_;
  std::uint8_t walk_ = 0;
  ContextId walk(const Situation& s);
  Random random_{0, 0};  // the walk's
  unsigned stay_ = 0;    // how often of 256 it lets the current context go on
  std::array<Sequence, departure_kinds> sequences_;
  bool began_ = false;            // was asked in this run, where the current context could go on
  std::uint64_t preempt_at_ = 0;  // the step from which the next preemption is due
};

}  // namespace rcufarm::sim

// From bytes: a fuzzer decides.
//
// Job: read decisions from an input. While bytes are left, one says for how many points things go on as they are, and the
// next one who comes then; where the current context cannot go on, one byte says who does. An allocation that may fail
// takes one, too. Behind the last byte the plain order follows, so that a short input has few preemptions, and a byte that
// is added or dropped moves what follows no further than the next decision. 0 is always the plain order's choice.
// Source: none; the deviations of the run (Outcome::deviations) are the schedule that is stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/strategy.h"

namespace rcufarm::sim {

class BytesStrategy final : public Strategy {
 public:
  BytesStrategy() = default;
  explicit BytesStrategy(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  // For the next run. The caller keeps them until it is over.
  void follow(std::span<const std::uint8_t> bytes) { bytes_ = bytes; }
  std::size_t used() const { return at_; }

  const char* name() const override { return "bytes"; }
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  bool fail_allocation(const Situation& s) override;

 private:
  bool empty() const { return at_ == bytes_.size(); }
  std::uint8_t take() { return empty() ? std::uint8_t{0} : bytes_[at_++]; }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool gap_known_ = false;
  std::uint64_t next_step_ = 0;  // of the next decision against a context that could go on
};

}  // namespace rcufarm::sim

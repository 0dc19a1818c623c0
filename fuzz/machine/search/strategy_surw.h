// SURW: selectively uniform random walk.
//
// Job: spread evenly over the orders of *interesting* operations, here those on one word that is drawn anew for each run. The
// next context to do an interesting one is drawn beforehand, with the number of interesting operations that it has still
// to do as its weight; others that come to theirs are held back until then, and whatever is not interesting runs at random.
// Counts are those of a profiling run, which each sixteenth run is; in that one every operation is interesting.
// Source: Zhao, Wolff, Mathur and Roychoudhury, "Selectively uniform concurrency testing", ASPLOS 2025.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "machine/engine/strategy.h"
#include "machine/search/random.h"
#include "machine/search/random_options.h"
#include "machine/search/run_length.h"

namespace rcufarm::sim {

class SurwStrategy final : public Strategy {
 public:
  explicit SurwStrategy(std::uint64_t seed, Odds odds = {});

  const char* name() const override { return "surw"; }
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override { return random_option(random_, odds_, options); }
  bool watches_operations() const override { return true; }
  bool before(ContextId id, const Pending& operation) override;
  const void* word_to_ask_at() const override { return word_; }
  void end_run(std::uint64_t steps, End end) override;

  static constexpr unsigned profile_every = 16;
  static constexpr unsigned words_max = 1024;  // in a profile; what is touched later is never drawn

 private:
  using Counts = std::array<std::uint32_t, context_count>;
  struct WordProfile {
    const void* address = nullptr;
    bool written = false;
    Counts counts{};
  };

  bool interesting(const Pending& operation) const;
  void profile(ContextId id, const Pending& operation);
  void draw_intended();
  std::uint32_t draw_quiet(std::uint32_t uniform, unsigned free);
  // One of them, with what is left for it as its weight, but never without a chance.
  ContextId weighted(const ContextSet& candidates);

  std::uint64_t seed_;
  Odds odds_;
  Random random_;
  bool profiling_ = true;
  const void* word_ = nullptr;  // null: all operations are interesting
  Counts left_{};
  ContextSet some_left_;               // those of whom some are left
  ContextId intended_ = idle_context;  // idle: to be drawn
  // Between two interesting operations of any it was drawn for how long the chosen context goes on.
  bool is_drawn_ = false;
  // By how many are not held back; each is made when it is wanted.
  std::array<std::unique_ptr<const RunLength>, context_count + 1> quiet_;
  // The last profile.
  std::vector<WordProfile> words_;     // by hash of the address
  std::vector<std::uint32_t> order_;   // indices into words_, as they were met
  std::vector<std::uint32_t> shared_;  // those of order_ that several contexts touch, and one writes
  Counts all_{};
};

}  // namespace rcufarm::sim

// The trace of a run, as a number: which steps there were, with which options, and which happens before which.
//
// Job: tell executions apart that are not equivalent, and no others: each step is named by its context, its number there and the
// steps of each context that are before it, so that nothing of the order of independent steps is left. It knows step.h's conflict()
// and no search. Wraps the strategy whose runs it looks at. Tests only.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "machine/engine/strategy.h"
#include "machine/search/kept_step.h"
#include "machine/search/random.h"

namespace rcufarm::sim {

class Traced final : public Strategy {
 public:
  explicit Traced(Strategy& other) : other_(other) {}

  const char* name() const override { return other_.name(); }
  bool begin_run(std::uint64_t run) override {
    steps_.clear();
    answers_.clear();
    return other_.begin_run(run);
  }
  Choice choose(const Situation& s) override { return other_.choose(s); }
  unsigned choose(const Options& options) override {
    const unsigned option = other_.choose(options);
    if (option != give_up_option) answers_.add(option);
    return option;
  }
  bool watches_steps() const override { return true; }
  void executed(const Step& step) override {
    // Who sees that a lock is held has seen nothing.
    const bool only_waits = step.op == Op::lock && std::none_of(step.words.begin(), step.words.end(),
                                                                [](const Touched& word) { return word.writes; });
    if (only_waits) {
      if (other_.watches_steps()) other_.executed(step);
      return;
    }
    steps_.emplace_back();
    steps_.back().keep(step);
    steps_.back().answers = answers_;
    answers_.clear();
    if (other_.watches_steps()) other_.executed(step);
  }
  bool gives_up() const override { return other_.gives_up(); }
  void end_run(std::uint64_t steps, End end) override { other_.end_run(steps, end); }

  // Of the run that is over.
  std::uint64_t trace() const {
    using Before = std::map<ContextId, std::uint64_t>;  // of each context, how many steps
    std::vector<Before> before(steps_.size());
    std::uint64_t trace = 0;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (!steps_[k].conflicts_with(steps_[i])) continue;
        for (const auto& [context, count] : before[k]) before[i][context] = std::max(before[i][context], count);
      }
      const std::uint64_t number = ++before[i][steps_[i].context];
      std::uint64_t step = index_of(steps_[i].context) + 1000 * number;
      for (unsigned k = 0; k < steps_[i].answers.count(); ++k) step = mixed(step + steps_[i].answers[k] + 1);
      for (const auto& [context, count] : before[i]) step = mixed(step ^ mixed(index_of(context) + 1000 * count));
      trace += mixed(step);
    }
    return trace;
  }
  // The steps of the run, a line each.
  std::string text() const {
    std::string text;
    for (const KeptStep& step : steps_) {
      text += name_of(step.context) + ' ' + name_of(step.op) + (step.is_everything ? " !" : "");
      for (unsigned k = 0; k < step.answers.count(); ++k) text += " option " + std::to_string(step.answers[k]);
      text += '\n';
    }
    return text;
  }

 private:
  Strategy& other_;
  std::vector<KeptStep> steps_;
  Answers answers_;
};

}  // namespace rcufarm::sim

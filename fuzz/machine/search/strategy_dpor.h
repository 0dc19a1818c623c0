// Dynamic partial-order reduction: one execution of each class of equivalent ones, and no more.
//
// Job: depth-first search over executions, from their start each time. Two executions are equivalent if one becomes the other by
// swapping neighbours that do not conflict (step.h): the same steps, with the same happens-before order among them. Each class
// is run once, so that a search that ends has seen all that a program can do.
//
// Source: Abdulla, Aronis, Jonsson, Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", JACM 64:4,
// 2017: source sets with sleep sets. After each run, of each race of steps e and f (f is after e, and nothing between them makes
// it so), the steps that f needs and e does not, and then f, are a branch to be explored from the state before e, unless one of
// the steps with which that can begin was explored there, sleeps there, or is to be explored. What was explored sleeps until a step
// conflicts with it. So no class is run twice; a run that comes to where all sleep is given up (`blocked`). A branch is
// a whole sequence, as in that paper's wakeup trees, so that few runs are; but none is left out because it agrees
// with another one: that would be wrong where what a step touches depends on what was before it.
//
// What is of this machine:
// - A step is what a context does between two points, with the options that it took. The same context with another option is
//   another step, and explored from the same state.
// - A context is kept from going on by who has its CPU: a task that turned interrupts off, or what came over it. Its step
//   then comes after the end of that, which cannot be reversed, and after its beginning, which can. So a race is looked at also where others
//   come between, unless f's context could go on all the time from there to f. Whether its step can be had before e is
//   seen when it is tried; if not, the run goes on as any other.
// - Programs are contexts whose first step takes their CPU and whose last one gives it back. irq_work begins in a step of another
//   context, and is one from its first own point on. Queues of callbacks and the workqueue have no CPU.
// - A step that ends a run in the middle keeps all others from going on: they go before it. Not looked for is a task that was woken
//   while another one had its CPU, and never came: so where a program is wrong, not all of its findings are sure to be seen. That it
//   is right is not touched by that: there everybody came.
// - Who would come to a lock that is held, only to wait, comes when it is free: nobody could tell.
// - Where an allocation lies is no difference, unless memory is used again.
#pragma once

#include <cstdint>
#include <string>

#include "machine/engine/strategy.h"
#include "machine/search/dpor_frontier.h"
#include "machine/search/dpor_path.h"

namespace rcufarm::sim {

struct DporFigures {
  std::uint64_t executions = 0;  // complete ones, of as many classes
  std::uint64_t blocked = 0;     // given up: all that could go on had been explored
  std::uint64_t missed = 0;      // branches that could not be followed to the end of their sequence
  std::uint64_t steps = 0;       // of complete executions
};

class DporStrategy final : public Strategy {
 public:
  DporStrategy() = default;
  // A part of a search (dpor_frontier.h): what is open at the task's state, and below it. In its first runs it learns what the
  // steps touch that the task names: they count for nothing, however they end.
  explicit DporStrategy(DporTask task);
  // Is the run, or the one that is just over, one of these?
  bool learns() const { return lesson_ != Lesson::none; }

  const char* name() const override { return "dpor"; }
  // False when all classes were run.
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override;
  bool watches_steps() const override { return true; }
  void executed(const Step& step) override;
  bool gives_up() const override { return is_blocked_; }
  void end_run(std::uint64_t steps, End end) override;

  // Does the program something else than its task says? Then it is another program's, and nothing was explored.
  bool differs() const { return differs_; }
  bool complete() const { return complete_; }
  const DporFigures& figures() const { return figures_; }
  // What is not explored yet. Between two runs; the search may go on after it.
  DporRest leave();
  // Executions in all, as what is left on the path looks by now.
  double estimate() const;
  // "141 executions: all of them", or how far it came.
  std::string summary() const;

 private:
  static constexpr std::size_t depth_max = std::size_t{1} << 20U;
  // A run that learns: the path to the task's state, or a step that was explored from a state on it.
  enum class Lesson : std::uint8_t { none, path, step };

  bool next_branch();
  bool begin_lesson();
  bool is_lesson_over() const;  // the run has come to where the lesson's own step is, or its state
  void differ();
  void learn_state(ContextSet candidates);
  void learn_step(const Step& step);
  void end_lessons();
  // The run has come to a new state. `asked`: who can go on; null: nobody was asked, and `alone` goes on.
  void enter_state(const Situation* asked, ContextId alone);
  static bool sleeps(const DporPoint& point, const KeptStep& step);
  bool is_held(const void* lock) const;
  ContextSet but_for_spinning(const Situation& s) const;
  ContextId free_choice(const DporPoint& point, const Situation& s);
  unsigned free_option(const DporPoint& point, unsigned count) const;

  DporPath path_;
  DporTask task_;
  std::size_t root_ = 0;  // from the states before, nothing is taken
  Lesson lesson_ = Lesson::none;
  std::size_t lesson_state_ = 0;
  std::size_t lesson_step_ = 0;   // of that state's `done`
  std::size_t position_ = 0;      // steps of this run that are over
  std::size_t known_ = 0;         // before this position all is as in the run before
  DporBranch* behind_ = nullptr;  // how the run is to go on behind its newest step
  unsigned answered_ = 0;         // choices of the step that is going on
  unsigned told_ = 0;             // of these, those whose option is prescribed
  bool differs_ = false;
  bool is_blocked_ = false;  // whatever could go on was explored
  bool begun_ = false;
  bool complete_ = false;
  DporFigures figures_;
};

}  // namespace rcufarm::sim

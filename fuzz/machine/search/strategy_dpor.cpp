// Job: see strategy_dpor.h. Here: one run after the other along the path; dpor_path.cpp says where there is another one.
#include "machine/search/strategy_dpor.h"

namespace rcufarm::sim {

namespace {

KeptStep kept(const StepName& name) {
  KeptStep step;
  step.context = name.context;
  step.answers = name.answers;
  return step;
}

StepName name_of(const KeptStep& step) { return {step.context, step.answers}; }

}  // namespace

DporStrategy::DporStrategy(DporTask task) : task_(std::move(task)) {
  check(task_.states.size() == task_.path.size() + 1, "dpor: a task has a state more than steps");
  // From the beginning of the program, anywhere.
  const FrontierState& state = task_.states.back();
  if (state.open.size() == 1 && state.open.front().empty()) return;
  root_ = task_.path.size();
  lesson_ = Lesson::path;
}

bool DporStrategy::begin_run(std::uint64_t) {
  if (complete_ || differs_) return false;
  if (lesson_ != Lesson::none && begin_lesson()) return true;
  if (differs_) return false;
  if (begun_ && !next_branch()) {
    complete_ = true;
    return false;
  }
  begun_ = true;
  position_ = 0;
  answered_ = 0;
  is_blocked_ = false;
  told_ = path_.size() != 0 ? path_[0].step.answers.count() : 0;
  return true;
}

// ---- a part of a search ----------------------------------------------------------------------------------------------

// The next one; false: all is learned.
bool DporStrategy::begin_lesson() {
  if (path_.size() == 0) {
    for (std::size_t i = task_.path.size(); i-- > 0;) {
      DporBranch* const first = path_.branches.make(kept(task_.path[i]));
      first->behind = behind_;
      behind_ = first;
    }
    known_ = 0;
  } else {
    if (lesson_ == Lesson::step) ++lesson_step_;
    lesson_ = Lesson::step;
    while (lesson_state_ < task_.states.size() && lesson_step_ == task_.states[lesson_state_].done.size()) {
      ++lesson_state_;
      lesson_step_ = 0;
    }
    if (lesson_state_ == task_.states.size()) {
      end_lessons();
      return false;
    }
    known_ = lesson_state_;
  }
  position_ = 0;
  answered_ = 0;
  is_blocked_ = false;
  return true;
}

bool DporStrategy::is_lesson_over() const {
  if (is_blocked_ || lesson_ == Lesson::none) return false;
  return position_ == (lesson_ == Lesson::path ? root_ : lesson_state_);
}

// A task may come from elsewhere; a program that is no longer what it was is a mistake of ours.
void DporStrategy::differ() {
  check(lesson_ != Lesson::none, "dpor: the program did something else than the last time");
  differs_ = true;
  is_blocked_ = true;
}

void DporStrategy::learn_state(ContextSet candidates) {
  path_.add().candidates = candidates;
  is_blocked_ = true;
}

void DporStrategy::learn_step(const Step& step) {
  const StepName& name = task_.states[lesson_state_].done[lesson_step_];
  if (step.context != name.context || answered_ != name.answers.count()) return differ();
  KeptStep explored = kept(name);
  explored.keep(step);
  path_[lesson_state_].done.push_back(path_.branches.make(explored));
  is_blocked_ = true;
}

void DporStrategy::end_lessons() {
  lesson_ = Lesson::none;
  for (std::size_t i = 0; i < path_.size(); ++i) {
    path_.renew_sleepers(i);
    for (const StepNames& branch : task_.states[i].open) {
      if (i == root_ && !path_[i].candidates.contains(branch.front().context)) differs_ = true;
      DporBranch* steps = nullptr;
      for (std::size_t n = branch.size(); n-- > 0;) {
        DporBranch* const first = path_.branches.make(kept(branch[n]));
        first->behind = steps;
        steps = first;
      }
      path_.append(path_[i], steps);
    }
  }
  begun_ = true;
}

DporRest DporStrategy::leave() {
  DporRest rest;
  if (lesson_ != Lesson::none || path_.size() == 0) {
    rest.states.push_back(task_.states.back());
    return rest;
  }
  while (path_.size() > root_ + 1 && path_[path_.size() - 1].unexplored == nullptr) path_.drop_last();
  for (std::size_t i = 0; i < path_.size(); ++i) {
    const DporPoint& point = path_[i];
    FrontierState state;
    for (const DporBranch* branch : point.done) state.done.push_back(name_of(branch->step));
    for (const DporBranch* branch = point.unexplored; branch != nullptr; branch = branch->beside) {
      StepNames& steps = state.open.emplace_back();
      for (const DporBranch* step = branch; step != nullptr; step = step->behind) steps.push_back(name_of(step->step));
    }
    if (i < root_) {
      for (std::size_t n = task_.states[i].open.size(); n < state.open.size(); ++n)
        rest.earlier.emplace_back(i, std::move(state.open[n]));
      continue;
    }
    if (point.taken) state.done.push_back(name_of(point.step));
    if (i + 1 < path_.size()) rest.path.push_back(name_of(point.step));
    rest.states.push_back(std::move(state));
  }
  return rest;
}

// ---- runs ------------------------------------------------------------------------------------------------------------

// The deepest state with a branch left takes it.
bool DporStrategy::next_branch() {
  while (path_.size() > root_ + 1 && path_[path_.size() - 1].unexplored == nullptr) path_.drop_last();
  if (path_.size() == 0 || path_[path_.size() - 1].unexplored == nullptr) return false;
  known_ = path_.size() - 1;
  DporPoint& point = path_[known_];
  if (point.taken) point.done.push_back(path_.branches.make(point.step));
  path_.retake_last();
  behind_ = path_.take_branch(point);
  return true;
}

void DporStrategy::enter_state(const Situation* asked, ContextId alone) {
  check(path_.size() < depth_max, "dpor: a run with more than a million steps. Bound the program");
  DporPoint& point = path_.add();
  if (asked != nullptr) point.candidates = asked->candidates;
  // The way to the reversal of a race ends where its next step cannot be had: from there on it is any execution.
  const bool goes_on =
      behind_ != nullptr && !sleeps(point, behind_->step) &&
      (asked != nullptr ? asked->candidates.contains(behind_->step.context) : behind_->step.context == alone);
  if (goes_on) {
    point.step.context = behind_->step.context;
    point.step.answers = behind_->step.answers;
    behind_ = path_.branches.drop_first(behind_);
  } else {
    if (lesson_ != Lesson::none) differ();
    if (behind_ != nullptr) ++figures_.missed;
    path_.branches.drop(behind_);
    behind_ = nullptr;
    point.step.context = asked != nullptr ? free_choice(point, *asked) : alone;
  }
  told_ = point.step.answers.count();
}

// Was it explored before, with the options that it has so far?
bool DporStrategy::sleeps(const DporPoint& point, const KeptStep& step) {
  for (const DporBranch* branch : point.asleep) {
    const Answers& answers = branch->step.answers;
    if (branch->step.context == step.context && answers.count() <= step.answers.count() &&
        answers.agree(step.answers)) {
      return true;
    }
  }
  return false;
}

// The plain order's next one, if it does not sleep. Of one with choices only some options sleep, perhaps.
ContextId DporStrategy::free_choice(const DporPoint& point, const Situation& s) {
  ContextSet awake = s.candidates;
  for (const DporBranch* branch : point.asleep) {
    if (branch->step.answers.count() == 0) awake.erase(branch->step.context);
  }
  const ContextId plain = default_next(s);
  if (awake.contains(plain)) return plain;
  if (!awake.is_empty()) return awake.next_after(s.current);
  is_blocked_ = true;
  return plain;
}

// Does somebody have the lock? By the newest step that took it or let it go.
bool DporStrategy::is_held(const void* lock) const {
  for (std::size_t i = path_.size(); i-- > 0;) {
    const KeptStep& step = path_[i].step;
    if (step.op != Op::lock && step.op != Op::unlock) continue;
    for (const Touched& word : step.words()) {
      if (word.begin == lock && word.writes) return step.op == Op::lock;
    }
  }
  return false;
}

// Who would only see that a lock is held may as well come to it when it is free.
ContextSet DporStrategy::but_for_spinning(const Situation& s) const {
  ContextSet rest = s.candidates;
  for (const ContextId id : s.candidates) {
    const Pending& pending = s.pending[index_of(id)];
    if (pending.op == Op::lock && is_held(pending.address)) rest.erase(id);
  }
  return rest.is_empty() ? s.candidates : rest;
}

Choice DporStrategy::choose(const Situation& s) {
  if (is_lesson_over()) {
    if (lesson_ == Lesson::path) learn_state(but_for_spinning(s));
    if (is_blocked_) return Choice::give_up();
    const ContextId next = task_.states[lesson_state_].done[lesson_step_].context;
    if (s.candidates.contains(next)) return {next, 0};
    differ();
    return Choice::give_up();
  }
  if (!is_blocked_ && position_ == path_.size()) {
    Situation can = s;
    can.candidates = but_for_spinning(s);
    can.current_can_go_on = s.current_can_go_on && can.candidates.contains(s.current);
    enter_state(&can, idle_context);
  }
  if (is_blocked_) return Choice::give_up();
  return {path_[position_].step.context, 0};
}

// The first one that does not sleep.
unsigned DporStrategy::free_option(const DporPoint& point, unsigned count) const {
  const Answers& so_far = point.step.answers;
  const auto sleeps = [&](unsigned option) {
    for (const DporBranch* branch : point.asleep) {
      const Answers& answers = branch->step.answers;
      if (branch->step.context == point.step.context && answers.count() == so_far.count() + 1 &&
          answers.agree(so_far) && answers[so_far.count()] == option) {
        return true;
      }
    }
    return false;
  };
  unsigned option = 0;
  while (option < count && sleeps(option)) ++option;
  return option;
}

unsigned DporStrategy::choose(const Options& options) {
  if (is_lesson_over()) {
    if (lesson_ == Lesson::path) learn_state(ContextSet(options.context));
    if (is_blocked_) return give_up_option;
    const Answers& answers = task_.states[lesson_state_].done[lesson_step_].answers;
    const unsigned number = answered_++;
    if (number < answers.count() && answers[number] < options.count) return answers[number];
    differ();
    return give_up_option;
  }
  if (position_ == path_.size()) enter_state(nullptr, options.context);
  DporPoint& point = path_[position_];
  const unsigned number = answered_++;
  if (position_ < known_) return point.step.answers[number];
  point.options.add(options.count);
  if (number < told_ && point.step.answers[number] < options.count) return point.step.answers[number];
  const unsigned option = free_option(point, options.count);
  is_blocked_ = option == options.count;
  if (is_blocked_) return give_up_option;
  told_ = 0;
  point.step.answers.cut(number);
  point.step.answers.add(option);
  return option;
}

void DporStrategy::executed(const Step& step) {
  if (is_blocked_) return;
  if (is_lesson_over()) {
    if (lesson_ == Lesson::path) return learn_state(ContextSet(step.context));
    return learn_step(step);
  }
  answered_ = 0;
  if (position_ < known_) {
    if (path_[position_].step.context != step.context) return differ();
  } else {
    if (position_ == path_.size()) enter_state(nullptr, step.context);
    DporPoint& point = path_[position_];
    if (point.candidates.is_empty()) {
      // Nobody else could go on.
      point.candidates = ContextSet(step.context);
      point.step.context = step.context;
      is_blocked_ = sleeps(point, point.step);
      if (is_blocked_) return;
    }
    point.step.keep(step);
    point.taken = true;
  }
  ++position_;
  told_ = position_ < path_.size() ? path_[position_].step.answers.count() : 0;
}

void DporStrategy::end_run(std::uint64_t, End end) {
  path_.branches.drop(behind_);
  behind_ = nullptr;
  if (lesson_ != Lesson::none) {
    if (!is_blocked_) differ();
    return;
  }
  ++(is_blocked_ ? figures_.blocked : figures_.executions);
  if (!is_blocked_) figures_.steps += path_.size();
  const bool ends_in_the_middle =
      !is_blocked_ && end != End::finished && path_.size() != 0 && path_[path_.size() - 1].step.is_everything;
  path_.reverse_races(ends_in_the_middle);
}

double DporStrategy::estimate() const {
  double seen = 0;
  double part = 1;
  for (std::size_t i = 0; i < path_.size(); ++i) {
    const DporPoint& point = path_[i];
    auto all = static_cast<double>(point.done.size() + 1);
    for (const DporBranch* branch = point.unexplored; branch != nullptr; branch = branch->beside) ++all;
    seen += part * static_cast<double>(point.done.size()) / all;
    part /= all;
  }
  return static_cast<double>(figures_.executions) / (seen + part);
}

std::string DporStrategy::summary() const {
  return std::to_string(figures_.executions) + " executions: " + (complete_ ? "all of them" : "there are more");
}

}  // namespace rcufarm::sim

// Job: see dpor_path.h. Clocks have an entry for each context: the position behind its last step that is before.
#include "machine/search/dpor_path.h"

#include <algorithm>

namespace rcufarm::sim {

namespace {

constexpr std::uint8_t no_lane = 0xff;

bool is_quiescing(const KeptStep& step) {
  return step.op == Op::wait && step.resources().has(Resources::all_programs());
}

// The prologue comes before the tasks, and the epilogue behind them, whatever they touch.
bool are_main_and_task(ContextId one, ContextId other) {
  return (one == main_context && kind_of(other) == ContextKind::task) ||
         (other == main_context && kind_of(one) == ContextKind::task);
}

// Of a program: neither its first step nor its last?
bool is_in_program(const KeptStep& step) {
  return !step.resources().meets(Resources::program(number_in_kind(step.context)));
}

}  // namespace

DporPath::DporPath() : lane_of_(context_count, no_lane), newest_(context_count) {}

unsigned DporPath::lane(ContextId context) {
  std::uint8_t& lane = lane_of_[index_of(context)];
  if (lane == no_lane) lane = static_cast<std::uint8_t>(lanes_++);
  return lane;
}

// ---- states ----------------------------------------------------------------------------------------------------------

DporPoint& DporPath::add() {
  if (size_ == points_.size()) {
    points_.emplace_back();
    clocks_.resize(points_.size() * context_count);
    lines_.resize(points_.size());
  }
  DporPoint& point = points_[size_++];
  forget_step(size_ - 1);
  point.candidates = {};
  renew_sleepers(size_ - 1);
  return point;
}

void DporPath::renew_sleepers(std::size_t position) {
  DporPoint& point = points_[position];
  point.asleep.clear();
  if (position == 0) return;
  const DporPoint& before = points_[position - 1];
  const auto take_over = [&](const DporBranch* branch) {
    if (!branch->step.is_changed_by(before.step)) point.asleep.push_back(branch);
  };
  for (const DporBranch* branch : before.asleep) take_over(branch);
  for (const DporBranch* branch : before.done) take_over(branch);
}

void DporPath::drop_last() {
  DporPoint& point = points_[size_ - 1];
  check(point.unexplored == nullptr, "dpor: a state is left with something to explore");
  for (DporBranch* branch : point.done) branches.drop(branch);
  point.done.clear();
  forget_step(--size_);
}

void DporPath::retake_last() { forget_step(size_ - 1); }

DporBranch* DporPath::take_branch(DporPoint& point) {
  DporBranch* const branch = point.unexplored;
  point.unexplored = branch->beside;
  point.step.context = branch->step.context;
  point.step.answers = branch->step.answers;
  return branches.drop_first(branch);
}

void DporPath::forget_step(std::size_t position) {
  DporPoint& point = points_[position];
  point.taken = false;
  point.step.answers.clear();
  point.options.clear();
  for (; ordered_ > position; --ordered_) newest_[lines_[ordered_ - 1].lane] = lines_[ordered_ - 1].before;
}

// ---- happens-before, and races ---------------------------------------------------------------------------------------

// Which steps is it after, and with which of them is it in a race? From the newest on. One that is before another that it is in
// a race with waits for that one's reversal, if it is sure to be had.
void DporPath::order(std::size_t position) {
  const DporPoint& point = points_[position];
  const ContextId context = point.step.context;
  const unsigned own = lane(context);
  Line& line = lines_[position];
  line = {point.step.mask(), newest_[own], static_cast<std::uint8_t>(own)};
  const Clock mine = clock(position);
  std::fill_n(mine, lanes_, 0);
  if (newest_[own] != 0) std::copy_n(clock(newest_[own] - 1), lanes_, mine);
  newest_[own] = static_cast<std::uint32_t>(position + 1);
  covered_.assign(mine, mine + lanes_);
  covered_[own] = static_cast<std::uint32_t>(position + 1);
  next_.assign(newest_.begin(), newest_.begin() + lanes_);
  races_.clear();
  std::size_t went_on_from = position;  // it could have gone on from there all the time
  while (true) {
    unsigned its = 0;
    std::uint32_t behind = 0;
    for (unsigned i = 0; i < lanes_; ++i) {
      if (next_[i] > covered_[i] && next_[i] > behind) behind = next_[its = i];
    }
    if (behind == 0) break;
    const std::size_t earlier = behind - 1;
    next_[its] = lines_[earlier].before;
    const KeptStep& other = points_[earlier].step;
    const bool in_turn = are_main_and_task(context, other.context);
    if (!in_turn && (!line.mask.may_conflict(lines_[earlier].mask) || !other.conflicts_with(point.step))) continue;
    const Clock theirs = clock(earlier);
    for (unsigned i = 0; i < lanes_; ++i) mine[i] = std::max(mine[i], theirs[i]);
    // Before it is unlocked nobody else comes to a lock: what can be reversed is who locks first.
    if (other.op == Op::unlock && point.step.op == Op::lock) continue;
    if (!in_turn) races_.push_back(earlier);
    while (went_on_from > earlier && points_[went_on_from - 1].candidates.contains(context)) --went_on_from;
    if (went_on_from > earlier && !in_turn) continue;
    for (unsigned i = 0; i < lanes_; ++i) covered_[i] = std::max(covered_[i], theirs[i]);
  }
  mine[own] = static_cast<std::uint32_t>(position + 1);
  for (const std::size_t earlier : races_) {
    if (is_feasible(earlier, position)) reverse(earlier, position);
  }
}

// Is there nothing that could let the step at `later` go before the one at `earlier`, where it could not go on?
bool DporPath::has_to_wait_for(std::size_t earlier, std::size_t later) const {
  const KeptStep& step = points_[later].step;
  const KeptStep& other = points_[earlier].step;
  switch (kind_of(other.context)) {
    // It has the CPU already.
    case ContextKind::irq_work: return other.resources().shares_cpu_with(step.resources());
    case ContextKind::program:
      return is_in_program(other) ? other.resources().shares_cpu_with(step.resources()) : has_quiesced(later);
    case ContextKind::main:
    case ContextKind::task:
    case ContextKind::callback:
    case ContextKind::worker:
    case ContextKind::idle: return false;
  }
  return false;
}

// Has the step's context waited for all programs?
bool DporPath::has_quiesced(std::size_t position) const {
  const KeptStep& step = points_[position].step;
  if (!is_quiescing(step)) return false;
  while (position-- > 0) {
    if (points_[position].step.context == step.context) return is_quiescing(points_[position].step);
  }
  return false;
}

// Can `later`'s context come to its step without `earlier`? It can if it could go on there, or if something that does not depend on
// `earlier` lets it; not if `earlier` itself did, unless others could have done the same.
bool DporPath::is_feasible(std::size_t earlier, std::size_t later) {
  const KeptStep& step = points_[later].step;
  if (points_[earlier].candidates.contains(step.context)) return true;
  if (has_to_wait_for(earlier, later)) return false;
  bool anything = false;
  for (std::size_t i = earlier + 1; i < later && !anything; ++i)
    anything = is_before(i, later) && !is_before(earlier, i);
  if (!anything) return false;
  const bool was_let_go = points_[earlier + 1].candidates.contains(step.context);
  return !was_let_go || step.is_everything || step.resources().has(Resources::waits());
}

void DporPath::reverse_races(bool is_cut) {
  for (; ordered_ < size_ && points_[ordered_].taken; ++ordered_) {
    order(ordered_);
    if (points_[ordered_].options.count() != 0) reverse_options(ordered_);
  }
  if (is_cut) reverse_cut();
}

// ---- branches --------------------------------------------------------------------------------------------------------

bool DporPath::is_known(const DporPoint& state, const KeptStep& step) {
  const auto same = [&step](const KeptStep& other) {
    return other.context == step.context && other.answers.agree(step.answers);
  };
  // Of a step that was explored before only some of the options were, perhaps.
  for (const DporBranch* branch : state.asleep) {
    if (same(branch->step) && branch->step.answers.count() <= step.answers.count()) return true;
  }
  for (const DporBranch* branch : state.done) {
    if (same(branch->step)) return true;
  }
  for (const DporBranch* branch = state.unexplored; branch != nullptr; branch = branch->beside) {
    if (same(branch->step)) return true;
  }
  return false;
}

void DporPath::append(DporPoint& state, DporBranch* branch) {
  DporBranch** end = &state.unexplored;
  while (*end != nullptr) end = &(*end)->beside;
  *end = branch;
}

// `later` before `earlier`: what `later` needs and `earlier` does not, and then it. Nothing is to be done if one of the steps
// with which that can begin is known.
void DporPath::reverse(std::size_t earlier, std::size_t later) {
  DporPoint& state = points_[earlier];
  needed_.clear();
  for (std::size_t i = earlier + 1; i < later; ++i) {
    if (is_before(i, later) && !is_before(earlier, i)) needed_.push_back(i);
  }
  // Which options there will be nobody knows.
  KeptStep last = points_[later].step;
  last.answers.clear();
  add_branch(state, last);
}

// What is needed_, and then the last step, from the state on.
void DporPath::add_branch(DporPoint& state, const KeptStep& last) {
  for (const std::size_t i : needed_) {
    const auto is_before_it = [&](std::size_t other) { return other < i && is_before(other, i); };
    if (std::none_of(needed_.begin(), needed_.end(), is_before_it) && is_known(state, points_[i].step)) return;
  }
  if (needed_.empty() && is_known(state, last)) return;
  if (!state.candidates.contains(needed_.empty() ? last.context : points_[needed_.front()].step.context)) return;
  DporBranch* branch = branches.make(last);
  for (std::size_t n = needed_.size(); n-- > 0;) {
    DporBranch* const first = branches.make(points_[needed_[n]].step);
    first->behind = branch;
    branch = first;
  }
  append(state, branch);
}

// The options that the step did not take.
void DporPath::reverse_options(std::size_t position) {
  DporPoint& point = points_[position];
  for (unsigned k = 0; k < point.options.count(); ++k) {
    for (unsigned option = 0; option < point.options[k]; ++option) {
      if (option == point.step.answers[k]) continue;
      KeptStep other = point.step;
      other.answers.cut(k);
      other.answers.add(option);
      if (!is_known(point, other)) append(point, branches.make(other));
    }
  }
}

// The run's last step kept others from going on, for good: those go before it, or before who kept their CPU from them.
void DporPath::reverse_cut() {
  const auto go_before = [&](std::size_t earlier, ContextId context) {
    KeptStep unknown;
    unknown.context = context;
    if (!is_known(points_[earlier], unknown)) append(points_[earlier], branches.make(unknown));
  };
  // A program that is raised, and has not come since, may have been kept away by interrupts off: it comes before those.
  const auto come_before = [&](ContextId program, std::size_t raise) {
    for (std::size_t earlier = 0; earlier < raise; ++earlier) {
      if (is_before(earlier, raise) || !points_[earlier].step.resources().meets(Resources::of_all_cpus())) continue;
      needed_.clear();
      for (std::size_t i = earlier + 1; i <= raise; ++i) {
        if ((i == raise || is_before(i, raise)) && !is_before(earlier, i)) needed_.push_back(i);
      }
      KeptStep unknown;
      unknown.context = program;
      add_branch(points_[earlier], unknown);
    }
  };
  for (std::size_t i = 0; i < size_; ++i) {
    const KeptStep& raise = points_[i].step;
    if (kind_of(raise.context) == ContextKind::program || raise.op != Op::call) continue;
    for (unsigned n = 0; n < programs_max; ++n) {
      if (raise.resources().has(Resources::program(n))) come_before(program_context(n), i);
    }
  }
  ContextSet seen;
  for (std::size_t i = 0; i < size_; ++i) seen |= points_[i].candidates;
  for (const ContextId context : seen) {
    for (std::size_t i = size_; i-- > 0 && points_[i].step.context != context;) {
      if (!points_[i].candidates.contains(context)) continue;
      go_before(i, context);
      break;
    }
  }
}

}  // namespace rcufarm::sim

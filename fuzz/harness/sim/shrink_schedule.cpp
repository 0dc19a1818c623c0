#include "harness/sim/shrink_schedule.h"

#include <algorithm>

namespace rcufarm::harness {

namespace {

using sim::Deviation;

// Pairs are as many as the square of this.
constexpr std::size_t pairs_of_max = 48;
constexpr unsigned search_runs = 600;
// Of the search among all schedules: about a second.
constexpr unsigned preemptions_max = 2;
constexpr std::uint64_t points_of_all = 24'000'000;

bool replay_with(Attempts& attempts, std::vector<Deviation> deviations, bool smaller_run) {
  return attempts.replay({attempts.best().scenario, attempts.best().config, std::move(deviations)}, smaller_run);
}

std::vector<Deviation> without(const std::vector<Deviation>& all, std::size_t first, std::size_t last) {
  std::vector<Deviation> rest(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
  rest.insert(rest.end(), all.begin() + static_cast<std::ptrdiff_t>(last), all.end());
  return rest;
}

// One round of dropping pieces of `size`, from the end: what comes later depends on what comes before. True: some went.
bool drop_pieces(Attempts& attempts, std::size_t size) {
  bool dropped = false;
  std::size_t end = attempts.best().deviations.size();
  while (end > 0 && !attempts.spent()) {
    const std::size_t begin = end - std::min(size, end);
    const std::size_t before = attempts.best().deviations.size();
    if (replay_with(attempts, without(attempts.best().deviations, begin, end), false) &&
        attempts.best().deviations.size() < before) {
      dropped = true;
      end = std::min(begin, attempts.best().deviations.size());
    } else {
      end = std::min(begin, attempts.best().deviations.size());
    }
  }
  return dropped;
}

bool drop_pairs(Attempts& attempts) {
  bool smaller = false;
  for (std::size_t i = 0; i < attempts.best().deviations.size(); ++i) {
    for (std::size_t j = i + 1; j < attempts.best().deviations.size() && !attempts.spent(); ++j) {
      if (attempts.best().deviations.size() > pairs_of_max) return smaller;
      std::vector<Deviation> rest = without(attempts.best().deviations, j, j + 1);
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      smaller = replay_with(attempts, std::move(rest), true) || smaller;
    }
  }
  return smaller;
}

// A departure at a call's beginning is easier to read than one somewhere in it, and often saves another.
bool move_to_calls(Attempts& attempts) {
  bool smaller = false;
  for (std::size_t i = 0; i < attempts.best().deviations.size() && !attempts.spent(); ++i) {
    for (const std::uint32_t later : {0U, 1U, 2U}) {
      if (i >= attempts.best().deviations.size()) break;
      std::vector<Deviation> moved = attempts.best().deviations;
      moved[i].event += later;
      moved[i].points = 0;
      smaller = replay_with(attempts, std::move(moved), true) || smaller;
    }
  }
  return smaller;
}

// Options nearer to the plain one: a load that reads the store before the newest is easier to follow than one that reads
// the tenth.
bool take_nearer_options(Attempts& attempts) {
  bool smaller = false;
  for (std::size_t i = 0; i < attempts.best().deviations.size() && !attempts.spent(); ++i) {
    while (i < attempts.best().deviations.size() && attempts.best().deviations[i].value > 1) {
      const std::uint32_t value = attempts.best().deviations[i].value;
      const auto with = [&](std::uint32_t nearer) {
        std::vector<Deviation> changed = attempts.best().deviations;
        changed[i].value = nearer;
        return replay_with(attempts, std::move(changed), true);
      };
      if (!with(1) && !with(value - 1)) break;
      smaller = true;
    }
  }
  return smaller;
}

}  // namespace

void drop_deviations(Attempts& attempts) {
  std::size_t size = std::max<std::size_t>(attempts.best().deviations.size() / 2, 1);
  while (!attempts.spent() && !attempts.best().deviations.empty()) {
    const bool dropped = drop_pieces(attempts, size);
    if (size == 1 && !dropped) return;
    if (!dropped || size > attempts.best().deviations.size()) size = std::max<std::size_t>(size / 2, 1);
  }
}

void fewest_switches(Attempts& attempts) {
  // Where the one grace period implies the other, a callback less is in the way.
  for (const bool implied : {attempts.best().scenario.machine.implies_rcu_gp, true}) {
    Case candidate = attempts.best();
    candidate.scenario.machine.implies_rcu_gp = implied;
    const std::uint64_t enough = attempts.points() + points_of_all;
    bool complete = true;
    for (unsigned preemptions = 0; preemptions <= preemptions_max && complete; ++preemptions) {
      complete = attempts.search_all(candidate, preemptions, enough);
    }
    if (implied) return;
  }
}

bool drop_switches(Attempts& attempts) {
  const RunSize before = attempts.size();
  drop_deviations(attempts);
  drop_pairs(attempts);
  move_to_calls(attempts);
  take_nearer_options(attempts);
  if (attempts.search_smaller(search_runs)) {
    drop_deviations(attempts);
    drop_pairs(attempts);
  }
  return attempts.size() < before;
}

}  // namespace rcufarm::harness

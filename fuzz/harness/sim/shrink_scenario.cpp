#include "harness/sim/shrink_scenario.h"

#include <algorithm>
#include <array>

#include "machine/search/random.h"
#include "scenario/normalize.h"
#include "scenario/operations.h"

namespace rcufarm::harness {

namespace {

using scenario::Operation;
using scenario::OpKind;
using scenario::Scenario;

// Of a search anywhere: the most runs, and how many times as many as the last success took.
constexpr unsigned anywhere_runs_max = 100'000;
constexpr unsigned anywhere_runs_min = 64;
constexpr unsigned anywhere_factor = 3;

unsigned runs_of_edit(Effort effort) {
  switch (effort) {
    case Effort::anywhere: break;
    case Effort::replay_only: return 0;
    case Effort::some: return 24;
    case Effort::much: return 160;
  }
  return 0;
}
// A whole list is worth more of them.
unsigned runs_of_list(Effort effort) { return 6 * runs_of_edit(effort); }
// One cache for eleven makes a run so much shorter that a search in it costs next to nothing.
constexpr unsigned runs_of_cache = 2000;

bool attempt(Attempts& attempts, Case candidate, Effort effort, unsigned runs) {
  scenario::normalize(candidate.scenario);
  if (candidate.scenario == attempts.best().scenario && candidate.config == attempts.best().config) return false;
  if (effort == Effort::anywhere) {
    const unsigned enough =
        std::clamp(attempts.last_search_runs() * anywhere_factor, anywhere_runs_min, anywhere_runs_max);
    return attempts.search_anywhere(candidate, enough, false);
  }
  return attempts.replay_or_search(candidate, runs);
}

void drop_raises_of(std::vector<Operation>& ops, unsigned program) {
  std::erase_if(ops, [&](const Operation& op) { return op.kind == OpKind::raise && op.program() == program; });
  for (Operation& op : ops) {
    if (op.kind == OpKind::raise && op.program() > program) --op.argument;
  }
}

bool drop_program(Attempts& attempts, unsigned program, Effort effort) {
  Case candidate = attempts.best();
  candidate.scenario.programs.erase(program);
  for (scenario::Task& task : candidate.scenario.tasks) drop_raises_of(task.ops, program);
  harness::drop_program(candidate.deviations, program);
  return attempt(attempts, std::move(candidate), effort, runs_of_list(effort));
}

bool drop_task(Attempts& attempts, unsigned task, Effort effort) {
  Case candidate = attempts.best();
  candidate.scenario.tasks.erase(task);
  harness::drop_task(candidate.deviations, task);
  return attempt(attempts, std::move(candidate), effort, runs_of_list(effort));
}

// Operations [first, last) of a task's or a program's list.
bool drop_range(Attempts& attempts, bool is_task, unsigned list, std::size_t first, std::size_t last, Effort effort) {
  Case candidate = attempts.best();
  std::vector<Operation>& ops = is_task ? candidate.scenario.tasks[list].ops : candidate.scenario.programs[list].ops;
  ops.erase(ops.begin() + static_cast<std::ptrdiff_t>(first), ops.begin() + static_cast<std::ptrdiff_t>(last));
  if (is_task) harness::drop_operations(candidate.deviations, list, first, last, attempts.calls()[list]);
  return attempt(attempts, std::move(candidate), effort, runs_of_edit(effort));
}

std::size_t length_of(const Attempts& attempts, bool is_task, unsigned list) {
  const Scenario& s = attempts.best().scenario;
  return is_task ? s.tasks[list].ops.size() : s.programs[list].ops.size();
}

// From the end: what comes later keeps fewer anchors.
bool drop_pieces(Attempts& attempts, bool is_task, unsigned list, std::size_t size, Effort effort) {
  bool dropped = false;
  std::size_t end = length_of(attempts, is_task, list);
  while (end > 0 && !attempts.spent()) {
    const std::size_t begin = end - std::min(size, end);
    dropped = drop_range(attempts, is_task, list, begin, end, effort) || dropped;
    end = std::min(begin, length_of(attempts, is_task, list));
  }
  return dropped;
}

bool drop_operations_of(Attempts& attempts, bool is_task, unsigned list, Effort effort) {
  bool dropped = false;
  for (std::size_t size = std::max<std::size_t>(length_of(attempts, is_task, list) / 2, 1);; size /= 2) {
    dropped = drop_pieces(attempts, is_task, list, size, effort) || dropped;
    if (size <= 1) return dropped;
  }
}

bool is_used(const Scenario& s, unsigned cache) {
  const auto uses = [&](const std::vector<Operation>& ops) {
    return std::any_of(ops.begin(), ops.end(), [&](const Operation& op) {
      return op.cache == cache && scenario::spec_of(op.kind).uses(scenario::Operand::cache);
    });
  };
  return std::any_of(s.tasks.begin(), s.tasks.end(), [&](const scenario::Task& t) { return uses(t.ops); }) ||
         std::any_of(s.programs.begin(), s.programs.end(), [&](const scenario::Program& p) { return uses(p.ops); });
}

// Everything on cache `from` goes to cache `to`, and `from` goes.
void merge_cache(Scenario& s, unsigned from, unsigned to) {
  const auto moved = [&](std::vector<Operation>& ops) {
    for (Operation& op : ops) {
      if (op.cache == from) op.cache = static_cast<std::uint8_t>(to);
      if (op.cache > from) --op.cache;
    }
  };
  for (scenario::Task& task : s.tasks) moved(task.ops);
  for (scenario::Program& program : s.programs) moved(program.ops);
  s.caches.erase(from);
}

template <class Edit>
bool edited(Attempts& attempts, Effort effort, Edit edit) {
  if (attempts.spent()) return false;
  Case candidate = attempts.best();
  edit(candidate);
  return attempt(attempts, std::move(candidate), effort, runs_of_edit(effort));
}

bool fewer_caches(Attempts& attempts, Effort effort) {
  bool smaller = false;
  for (unsigned i = static_cast<unsigned>(attempts.best().scenario.caches.size()); i-- > 1;) {
    smaller = edited(attempts, effort, [&](Case& c) { merge_cache(c.scenario, i, i - 1); }) || smaller;
  }
  if (attempts.best().scenario.caches.size() > 1 && !is_used(attempts.best().scenario, 0)) {
    // The other way round: what nobody uses gets the shape of the next one, into which it goes.
    smaller = edited(attempts, effort,
                     [](Case& c) {
                       c.scenario.caches[0] = c.scenario.caches[1];
                       merge_cache(c.scenario, 1, 0);
                     }) ||
              smaller;
  }
  return smaller;
}

// An object of the largest size is a page: few of them are prefilled, and few make a list long.
constexpr std::uint16_t sizes_to_try[] = {4000, 64};

bool is_plainest(const scenario::Cache& cache) {
  return cache.kind == scenario::CacheKind::fixed && cache.size == sizes_to_try[0];
}

// A cache of one size instead of one for each size class, or of per-CPU objects; of pages if that will do.
bool plainer_caches(Attempts& attempts, Effort effort) {
  if (effort == Effort::replay_only) return false;
  bool smaller = false;
  for (unsigned i = 0; i < attempts.best().scenario.caches.size(); ++i) {
    for (const std::uint16_t size : sizes_to_try) {
      const scenario::Cache& cache = attempts.best().scenario.caches[i];
      const bool only_larger = cache.kind == scenario::CacheKind::fixed && size != sizes_to_try[0];
      if (is_plainest(cache) || only_larger || attempts.spent()) break;
      Case candidate = attempts.best();
      candidate.scenario.caches[i] = {.kind = scenario::CacheKind::fixed, .size = size};
      smaller = attempt(attempts, std::move(candidate), effort, runs_of_cache) || smaller;
    }
  }
  return smaller;
}

bool fewer_cpus(Attempts& attempts, Effort effort) {
  bool smaller = false;
  while (attempts.best().scenario.machine.cpus > 1 &&
         edited(attempts, effort, [](Case& c) { --c.scenario.machine.cpus; })) {
    smaller = true;
  }
  return smaller;
}

// Each slot that is used gets the lowest free number.
void number_slots(Case& c) {
  std::array<int, scenario::limits.slots_max> number;
  number.fill(-1);
  int next = 0;
  const auto renumber = [&](std::vector<Operation>& ops) {
    for (Operation& op : ops) {
      if (!scenario::spec_of(op.kind).uses(scenario::Operand::slot)) continue;
      int& n = number[op.slot];
      if (n < 0) n = next++;
      op.slot = static_cast<std::uint8_t>(n);
    }
  };
  for (scenario::Task& task : c.scenario.tasks) renumber(task.ops);
  for (scenario::Program& program : c.scenario.programs) renumber(program.ops);
  c.scenario.machine.slots = static_cast<std::uint8_t>(std::max(next, 1));
}

bool plainer_settings(Attempts& attempts, Effort effort) {
  const scenario::Machine plain;
  bool smaller = false;
  const auto set = [&](auto edit) { smaller = edited(attempts, effort, edit) || smaller; };
  set([&](Case& c) { c.scenario.machine.slab_failures = plain.slab_failures; });
  set([&](Case& c) { c.scenario.machine.cgroup = plain.cgroup; });
  set([&](Case& c) { c.scenario.machine.slab_rounding = plain.slab_rounding; });
  set([&](Case& c) { c.scenario.machine.slab_reuse = plain.slab_reuse; });
  set([&](Case& c) { c.scenario.machine.destroy_mode = plain.destroy_mode; });
  set([&](Case& c) { c.scenario.machine.implies_rcu_gp = plain.implies_rcu_gp; });
  set([&](Case& c) { c.config.failures_max = 0; });
  set([&](Case& c) { c.config.settle = false; });
  set([&](Case& c) { c.config.inspect = false; });
  set(number_slots);
  return smaller;
}

}  // namespace

bool fails_anywhere(Attempts& attempts, std::uint64_t points) {
  const auto runs = static_cast<unsigned>(points / std::max<std::uint64_t>(attempts.size().points, 1));
  return attempts.search_anywhere(attempts.best(), std::clamp(runs, anywhere_runs_min, anywhere_runs_max), false);
}

bool fails_in_part(Attempts& attempts, std::uint64_t points) {
  constexpr std::uint64_t part_seed = 0x9a27;
  constexpr unsigned runs_of_part = 2;
  constexpr unsigned of_share = 8;
  constexpr unsigned parts_max = 100'000;
  const Case whole = attempts.best();
  sim::Random random(part_seed, scenario::total_ops(whole.scenario));
  const std::uint64_t end = attempts.points() + points;
  for (unsigned i = 0; i < parts_max && !attempts.spent() && attempts.points() < end; ++i) {
    Case part = whole;
    // Of each list another share, from an eighth on.
    const auto keep_some = [&](std::vector<Operation>& ops) {
      const std::uint64_t share = 1 + random.below(of_share);
      std::erase_if(ops, [&](const Operation&) { return random.below(of_share) >= share; });
    };
    for (scenario::Task& task : part.scenario.tasks) keep_some(task.ops);
    for (scenario::Program& program : part.scenario.programs) keep_some(program.ops);
    scenario::normalize(part.scenario);
    if (scenario::total_ops(part.scenario) < scenario::total_ops(whole.scenario) &&
        attempts.search_anywhere(part, runs_of_part, false)) {
      return true;
    }
  }
  return false;
}

bool drop_lists(Attempts& attempts, Effort effort) {
  bool smaller = false;
  for (unsigned i = static_cast<unsigned>(attempts.best().scenario.tasks.size());
       i-- > 0 && attempts.best().scenario.tasks.size() > 1 && !attempts.spent();) {
    smaller = drop_task(attempts, i, effort) || smaller;
  }
  for (unsigned i = static_cast<unsigned>(attempts.best().scenario.programs.size()); i-- > 0 && !attempts.spent();) {
    smaller = drop_program(attempts, i, effort) || smaller;
  }
  return smaller;
}

bool drop_operations(Attempts& attempts, Effort effort) {
  bool dropped = false;
  for (const bool is_task : {true, false}) {
    const Scenario& s = attempts.best().scenario;
    const std::size_t lists = is_task ? s.tasks.size() : s.programs.size();
    for (unsigned i = 0; i < lists && !attempts.spent(); ++i) {
      dropped = drop_operations_of(attempts, is_task, i, effort) || dropped;
    }
  }
  return dropped;
}

bool plainer_machine(Attempts& attempts, Effort effort) {
  bool smaller = fewer_caches(attempts, effort);
  smaller = plainer_caches(attempts, effort) || smaller;
  smaller = fewer_cpus(attempts, effort) || smaller;
  return plainer_settings(attempts, effort) || smaller;
}

}  // namespace rcufarm::harness

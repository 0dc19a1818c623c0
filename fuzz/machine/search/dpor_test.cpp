// Dynamic partial-order reduction: each class of executions once, and none left out. Compared with the unreduced search on random
// programs, and with counts that are known.
#include <optional>
#include <set>

#include "machine/random_program.h"
#include "machine/search/strategy_dpor.h"
#include "machine/search/traced.h"

namespace rcufarm::sim {
namespace {

// ---- known counts ----------------------------------------------------------------------------------------------------

std::uint64_t executions_of(Lab& lab, std::uint64_t blocked = 0) {
  DporStrategy dpor;
  Traced traced(dpor);
  std::set<std::uint64_t> traces;
  for (std::uint64_t run = 0; traced.begin_run(run); ++run) {
    const Outcome outcome = lab.run(traced);
    if (outcome.end == End::given_up) continue;
    EXPECT_EQ(outcome.end, End::finished);
    EXPECT_TRUE(traces.insert(traced.trace()).second) << "the same again, in run " << run;
  }
  EXPECT_TRUE(dpor.complete());
  EXPECT_EQ(dpor.figures().executions, traces.size());
  EXPECT_EQ(dpor.figures().blocked, blocked);
  return traces.size();
}

struct Words : testing::Test {
  Lab lab;
  Cell<Atomic<int>> words[6];

  Words() {
    for (auto& word : words) lab.cell(word);
    lab.settings.cpus = 6;
    lab.settings.check_order = false;
  }
};

// n! for n exchanges of one word.
TEST_F(Words, ExchangesOfOneWord) {
  std::uint64_t factorial = 1;
  for (unsigned n = 1; n <= 6; ++n) {
    lab.task(n - 1, [this] { (void)words[0]->exchange(1, Order::relaxed); });
    EXPECT_EQ(executions_of(lab), factorial *= n);
  }
}

TEST_F(Words, IndependentTasks) {
  for (unsigned n = 0; n < 6; ++n) {
    lab.task(n, [this, n] {
      for (int i = 0; i < 3; ++i) words[n]->store(i, Order::relaxed);
    });
  }
  EXPECT_EQ(executions_of(lab), 1U);
}

// Two tasks of some rounds of "store mine, load yours": counts of GenMC 0.10.1 under sequential consistency.
TEST_F(Words, Rounds) {
  int rounds = 0;
  for (unsigned n = 0; n < 2; ++n) {
    lab.task(n, [this, n, &rounds] {
      for (int i = 0; i < rounds; ++i) {
        words[n]->store(i + 1, Order::seq_cst);
        (void)words[1 - n]->load(Order::seq_cst);
      }
    });
  }
  for (const std::uint64_t expected : {3U, 19U, 141U, 1107U}) {
    ++rounds;
    EXPECT_EQ(executions_of(lab), expected);
  }
}

// Who locks in which order, and nothing else: (n k)! / k!^n orders of n tasks that lock k times.
TEST_F(Words, Locks) {
  Cell<RawSpinLock> lock;
  lab.cell(lock);
  for (unsigned n = 0; n < 3; ++n) {
    lab.task(n, [&] {
      for (int i = 0; i < 2; ++i) {
        const RawSpinLockGuard guard(*lock);
        words[0]->store(i, Order::relaxed);
      }
    });
  }
  EXPECT_EQ(executions_of(lab, 6), 90U);
}

// One writer, readers that look twice: each reader may see the store before, between or after its looks.
TEST_F(Words, Readers) {
  lab.task(0, [this] { words[0]->store(1, Order::relaxed); });
  std::uint64_t expected = 1;
  for (unsigned n = 1; n < 5; ++n) {
    lab.task(n, [this] {
      (void)words[0]->load(Order::relaxed);
      (void)words[0]->load(Order::relaxed);
    });
    EXPECT_EQ(executions_of(lab), expected *= 3);
  }
}

// ---- random programs -------------------------------------------------------------------------------------------------

// What a search has seen of a program.
struct Seen {
  std::set<std::uint64_t> traces;
  std::set<std::string> outcomes;  // ends, findings, and what was in the words
  std::uint64_t executions = 0;
  bool complete = false;

  bool operator==(const Seen& other) const { return traces == other.traces && outcomes == other.outcomes; }
};

// `on_run`: of each that was not given up.
template <class Search, class OnRun>
Seen search(RandomProgram& program, Search& search, std::uint64_t most, OnRun on_run) {
  Seen seen;
  Traced traced(search);
  for (std::uint64_t run = 0; run < most; ++run) {
    if (!traced.begin_run(run)) {
      seen.complete = true;
      break;
    }
    const Outcome outcome = program.lab.run(traced);
    if (outcome.end == End::given_up) continue;
    ++seen.executions;
    on_run(traced, seen);
    seen.traces.insert(traced.trace());
    seen.outcomes.insert(Lab::describe(outcome, [&] { return program.final_state(); }));
  }
  return seen;
}

struct Tally {
  unsigned compared = 0;
  std::uint64_t unreduced = 0;
  std::uint64_t traces = 0;
  std::uint64_t given_up = 0;
  unsigned with_findings = 0;
};

struct Case {
  const char* name;
  unsigned tasks;
  unsigned operations;  // of each, at most
  bool checks_order = false;
  MemoryModel model = MemoryModel::sc;
  bool lifo = false;
  unsigned failures = 0;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Against : public testing::TestWithParam<Case> {};

std::string text_of(const RandomProgram& program) {
  std::string text;
  for (const auto& operations : program.operations) {
    text += "task:";
    for (const unsigned operation : operations) text += ' ' + std::to_string(operation);
    text += '\n';
  }
  return text;
}

template <class Search>
Seen search(RandomProgram& program, Search& how, std::uint64_t most) {
  return search(program, how, most, [](const Traced&, const Seen&) {});
}

// One that the reduced search has left out, or has seen twice.
std::string wrong_one(RandomProgram& program, const Seen& all, const Seen& reduced, std::uint64_t most) {
  std::string wrong;
  ExhaustiveStrategy exhaustive(any_number);
  search(program, exhaustive, most, [&](const Traced& traced, const Seen&) {
    if (wrong.empty() && !reduced.traces.contains(traced.trace())) wrong = "left out:\n" + traced.text();
  });
  DporStrategy dpor;
  search(program, dpor, most, [&](const Traced& traced, const Seen& seen) {
    if (wrong.empty() && seen.traces.contains(traced.trace())) wrong = "twice:\n" + traced.text();
    if (wrong.empty() && !all.traces.contains(traced.trace())) wrong = "of its own:\n" + traced.text();
  });
  return wrong;
}

void compare(const Case& c, std::uint64_t programs, std::uint64_t schedules_most, Tally& tally) {
  RandomProgram program(c.tasks);
  program.lab.settings.check_order = c.checks_order;
  program.lab.settings.model = c.model;
  program.lab.settings.failures_max = c.failures;
  if (c.lifo) program.lab.settings.slab_reuse = SlabReuse::lifo;
  for (std::uint64_t number = 0; tally.compared < programs; ++number) {
    Random random(3, number);
    program.draw(random, c.operations, RandomProgram::all_kinds);
    ExhaustiveStrategy exhaustive(any_number);
    const Seen all = search(program, exhaustive, schedules_most);
    if (!all.complete) continue;
    DporStrategy dpor;
    const Seen reduced = search(program, dpor, 4 * schedules_most);
    ++tally.compared;
    tally.unreduced += all.executions;
    tally.traces += all.traces.size();
    tally.given_up += dpor.figures().blocked;
    for (const std::string& outcome : all.outcomes) tally.with_findings += outcome.find(' ') == std::string::npos;
    EXPECT_TRUE(reduced.complete);
    EXPECT_EQ(reduced.executions, reduced.traces.size()) << "one of them twice";
    EXPECT_EQ(reduced.traces.size(), all.traces.size());
    EXPECT_EQ(reduced.outcomes, all.outcomes);
    EXPECT_TRUE(reduced == all);
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << c.name << ", program " << number << '\n'
                    << text_of(program) << wrong_one(program, all, reduced, 4 * schedules_most);
      return;
    }
  }
}

std::uint64_t asked_for(const char* variable, std::uint64_t usual) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : usual;
}

TEST_P(Against, TheUnreducedSearch) {
  Tally tally;
  compare(GetParam(), asked_for("RCUFARM_PROGRAMS", 30), asked_for("RCUFARM_SCHEDULES", 2000), tally);
  std::printf("%-12s %u programs, %llu schedules, %llu traces, %llu given up, %u findings\n", GetParam().name,
              tally.compared, static_cast<unsigned long long>(tally.unreduced),
              static_cast<unsigned long long>(tally.traces), static_cast<unsigned long long>(tally.given_up),
              tally.with_findings);
  EXPECT_LT(tally.traces, tally.unreduced) << "nothing was reduced";
}

INSTANTIATE_TEST_SUITE_P(Random, Against,
                         testing::Values(Case{"two", 2, 3}, Case{"three", 3, 2}, Case{"ordered", 2, 3, true},
                                         Case{"lifo", 2, 3, false, MemoryModel::sc, true},
                                         Case{"failing", 2, 3, false, MemoryModel::sc, true, 1},
                                         Case{"tso", 2, 2, false, MemoryModel::tso},
                                         Case{"c11", 2, 2, false, MemoryModel::c11},
                                         Case{"kernel", 2, 2, false, MemoryModel::kernel}),
                         [](const auto& c) { return std::string(c.param.name); });

// ---- in parts --------------------------------------------------------------------------------------------------------

// Some explorers of one frontier, each with a claim of a few runs, whose runs come in any order. Now and then one is lost.
Seen search_in_parts(RandomProgram& program, Random& random, std::uint64_t& lost) {
  struct Explorer {
    std::optional<Frontier::Claim> claim;
    std::optional<DporStrategy> dpor;
    std::uint64_t runs_left = 0;
    Seen seen;
  };
  Frontier frontier;
  Seen all;
  Explorer explorers[3];
  std::int64_t now = 0;
  const auto give_back = [&](Explorer& explorer) {
    if (frontier.give_back(*explorer.claim, explorer.dpor->leave())) {
      for (const std::uint64_t trace : explorer.seen.traces) all.traces.insert(trace);
      all.outcomes.merge(explorer.seen.outcomes);
      all.executions += explorer.seen.executions;
    } else {
      ++lost;
    }
    explorer = Explorer{};
  };
  while (!frontier.is_done()) {
    ++now;
    Explorer& explorer = explorers[random.below(3)];
    if (!explorer.claim) {
      explorer.claim = frontier.claim(now, now + 10 + static_cast<std::int64_t>(random.below(60)));
      if (!explorer.claim) continue;
      // Whoever stores and reads it again goes on with the same.
      Frontier copy;
      EXPECT_TRUE(copy.restore(frontier.nodes(), frontier.claims()));
      frontier = copy;
      EXPECT_GT(frontier.open_share(), 0);
      EXPECT_LE(frontier.open_share(), 1.0001);
      explorer.dpor.emplace(explorer.claim->task);
      explorer.runs_left = random.below(40);
    }
    Traced traced(*explorer.dpor);
    if (explorer.runs_left == 0 || !traced.begin_run(0)) {
      give_back(explorer);
      continue;
    }
    const Outcome outcome = program.lab.run(traced);
    if (outcome.end == End::given_up || explorer.dpor->learns()) continue;
    --explorer.runs_left;
    ++explorer.seen.executions;
    explorer.seen.traces.insert(traced.trace());
    explorer.seen.outcomes.insert(Lab::describe(outcome, [&] { return program.final_state(); }));
  }
  return all;
}

TEST_P(Against, TheSearchInParts) {
  const Case& c = GetParam();
  RandomProgram program(c.tasks);
  program.lab.settings.check_order = c.checks_order;
  program.lab.settings.model = c.model;
  program.lab.settings.failures_max = c.failures;
  if (c.lifo) program.lab.settings.slab_reuse = SlabReuse::lifo;
  std::uint64_t executions = 0;
  std::uint64_t lost = 0;
  unsigned compared = 0;
  for (std::uint64_t number = 0; compared < asked_for("RCUFARM_PROGRAMS", 30); ++number) {
    Random random(4, number);
    program.draw(random, c.operations + 2, RandomProgram::all_kinds);
    DporStrategy dpor;
    const Seen whole = search(program, dpor, 2000);
    if (!whole.complete) continue;
    ++compared;
    const Seen parts = search_in_parts(program, random, lost);
    executions += parts.executions;
    EXPECT_EQ(parts.executions, whole.executions);
    EXPECT_TRUE(parts == whole) << parts.traces.size() << " of " << whole.traces.size();
    if (HasFailure()) {
      ADD_FAILURE() << c.name << ", program " << number << '\n' << text_of(program);
      return;
    }
  }
  EXPECT_GT(executions, 0U);
  EXPECT_GT(lost, 0U) << "no claim was lost";
}

}  // namespace
}  // namespace rcufarm::sim

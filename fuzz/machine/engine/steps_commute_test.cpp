// Steps that do not conflict commute: on random programs, under random schedules, two neighbours are swapped, and nobody
// can tell.
#include <map>
#include <utility>
#include <vector>

#include "machine/random_program.h"

namespace rcufarm::sim {
namespace {

struct TakenStep {
  ContextId context;
  Op op;
  Resources resources;
  std::vector<Touched> words;
  bool is_everything;

  Step view() const { return {context, op, resources, words, is_everything}; }
};

// Random choices, or who is told to take each step; and the steps that came of it.
class Told final : public Strategy {
 public:
  const char* name() const override { return "told"; }
  bool begin_run(std::uint64_t run) override {
    random = Random(1, run);
    steps.clear();
    order.clear();
    asked.clear();
    followed = true;
    return true;
  }
  Choice choose(const Situation& s) override {
    const unsigned count = s.candidates.count();
    if (steps.size() >= order.size()) return {s.candidates.nth(random.below(count), count), 0};
    const ContextId next = order[steps.size()];
    followed = followed && s.candidates.contains(next);
    return {followed ? next : default_next(s), 0};
  }
  // The same answer at the same choice of a context, whatever the others did before; and what there was to choose from.
  unsigned choose(const Options& options) override {
    std::string& choices = asked[index_of(options.context)];
    const std::uint64_t number = mixed(choices.size() + 1000 * index_of(options.context));
    choices += std::to_string(static_cast<unsigned>(options.kind)) + '/' + std::to_string(options.count) + ' ';
    return static_cast<unsigned>(number % options.count);
  }
  bool watches_steps() const override { return true; }
  void executed(const Step& step) override {
    if (steps.size() < order.size()) followed = followed && order[steps.size()] == step.context;
    steps.push_back(
        {step.context, step.op, step.resources, {step.words.begin(), step.words.end()}, step.is_everything});
  }

  std::vector<ContextId> order;
  std::vector<TakenStep> steps;
  std::map<unsigned, std::string> asked;
  bool followed = true;  // was each step of the order taken by whom it says?

 private:
  Random random{0, 0};
};

// What each context saw and did, in its order, without names that depend on the order of others.
class Diary final : public Observer {
 public:
  explicit Diary(const RandomProgram& program) : program_(program) {}
  void on_event(const Event& e) override {
    // Of a grace period that others waited for, too, whoever goes on first is told.
    if (e.kind == EventKind::context_switch || e.kind == EventKind::grace_period) return;
    std::string& diary = diaries[index_of(e.context)];
    diary += std::string(name_of(e.kind)) + ' ' + name_of(e.op) + ' ' + std::to_string(static_cast<unsigned>(e.flavor));
    // Values that are the address of an allocation, and what is in one, are names.
    if (e.kind == EventKind::access && e.object == 0 && e.address != &*program_.slot) {
      diary += ' ' + std::to_string(e.value) + ' ' + std::to_string(e.other);
    }
    diary += '\n';
  }
  std::map<unsigned, std::string> diaries;

 private:
  const RandomProgram& program_;
};

struct Commute : testing::Test, RandomProgram {
  Told told;
  Diary diary{*this};

  Commute() : RandomProgram(4) {
    lab.settings.trace = true;
    lab.machine.set_observer(&diary);
  }

  // All that there is to see of a run.
  std::string run(std::uint64_t number, std::vector<ContextId> order) {
    diary.diaries.clear();
    told.begin_run(number);
    told.order = std::move(order);
    const Outcome outcome = lab.run(told);
    std::string all = std::string(name_of(outcome.end)) + ' ' + name_of(outcome.violation.kind) + '\n';
    for (const auto& [context, text] : diary.diaries) all += name_of(static_cast<ContextId>(context)) + ":\n" + text;
    for (const auto& [context, text] : told.asked) all += name_of(static_cast<ContextId>(context)) + ": " + text + '\n';
    return all + final_state();
  }
  // The steps around number `i`, and what became of them.
  static std::string wording(const std::vector<TakenStep>& before, std::size_t i, const std::vector<TakenStep>& after) {
    std::string text;
    for (std::size_t n = i < 2 ? 0 : i - 2; n < i + 5 && n < before.size() && n < after.size(); ++n) {
      const auto say = [n](const std::vector<TakenStep>& steps) {
        return name_of(steps[n].context) + ' ' + name_of(steps[n].op);
      };
      text += std::to_string(n) + ": " + say(before) + "; swapped: " + say(after) + '\n';
    }
    return text;
  }
  struct Tally {
    unsigned swapped = 0;    // pairs that do not conflict
    unsigned conflicts = 0;  // pairs that do
    unsigned visible = 0;    // of these: somebody could tell, or the other order is not to be had
  };
  // Swaps neighbours of random runs, up to so many of each kind in a run.
  Tally swap_neighbours(std::uint64_t runs) {
    Tally tally;
    for (std::uint64_t number = 0; number < runs && !HasFailure(); ++number) {
      Random random(2, number);
      draw(random, 5, correct_kinds);
      const std::string before = run(number, {});
      if (before.substr(0, 8) != "finished") continue;
      const std::vector<TakenStep> steps = told.steps;
      std::vector<ContextId> order;
      for (const TakenStep& step : steps) order.push_back(step.context);
      for (std::size_t i = random.below(4); i + 1 < steps.size(); i += 1 + random.below(5)) {
        if (steps[i].context == steps[i + 1].context) continue;
        const bool in_conflict = conflict(steps[i].view(), steps[i + 1].view());
        std::swap(order[i], order[i + 1]);
        const std::string after = run(number, order);
        std::swap(order[i], order[i + 1]);
        if (in_conflict) {
          ++tally.conflicts;
          tally.visible += told.followed && after == before ? 0 : 1;
          continue;
        }
        ++tally.swapped;
        const std::string which =
            "run " + std::to_string(number) + ", step " + std::to_string(i) + "\n" + wording(steps, i, told.steps);
        EXPECT_TRUE(told.followed) << which << "the other order is not to be had";
        EXPECT_EQ(after, before) << which;
        if (HasFailure()) return tally;
      }
    }
    return tally;
  }
};

TEST_F(Commute, WhereOrderIsNotChecked) {
  lab.settings.check_order = false;
  const Tally tally = swap_neighbours(3000);
  EXPECT_GT(tally.swapped, 4000U);
  EXPECT_GT(tally.visible, 500U) << "of " << tally.conflicts << " conflicts: the test tells what does not commute";
}

TEST_F(Commute, WhereOrderIsChecked) {
  const Tally tally = swap_neighbours(3000);
  EXPECT_GT(tally.swapped, 2000U);
  EXPECT_GT(tally.visible, 500U) << "of " << tally.conflicts;
}

TEST_F(Commute, WhereMemoryIsUsedAgain) {
  lab.settings.check_order = false;
  lab.settings.slab_reuse = SlabReuse::lifo;
  lab.settings.trace_implies_rcu_gp = true;
  const Tally tally = swap_neighbours(3000);
  EXPECT_GT(tally.swapped, 4000U);
  EXPECT_GT(tally.visible, 500U) << "of " << tally.conflicts;
}

class CommuteWeakly : public Commute, public testing::WithParamInterface<MemoryModel> {};

// What there is to read, and where stores may go, is part of what nobody may be able to tell.
TEST_P(CommuteWeakly, UnderEachModel) {
  lab.settings.check_order = false;
  lab.settings.model = GetParam();
  const Tally tally = swap_neighbours(3000);
  EXPECT_GT(tally.swapped, 4000U);
  EXPECT_GT(tally.visible, 500U) << "of " << tally.conflicts;
}

INSTANTIATE_TEST_SUITE_P(Models, CommuteWeakly,
                         testing::Values(MemoryModel::tso, MemoryModel::c11, MemoryModel::kernel),
                         [](const auto& model) { return std::string(name_of(model.param)); });

}  // namespace
}  // namespace rcufarm::sim

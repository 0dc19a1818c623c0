// Steps that do not conflict commute: on random programs, under random schedules, two neighbours are swapped, and nobody
// can tell.
#include <map>
#include <utility>
#include <vector>

#include "machine/kernel/core.h"
#include "machine/lab.h"

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
  void on_event(const Event& e) override {
    if (e.kind == EventKind::context_switch) return;
    std::string& diary = diaries[index_of(e.context)];
    diary += std::string(name_of(e.kind)) + ' ' + name_of(e.op) + ' ' + std::to_string(static_cast<unsigned>(e.flavor));
    // Values that are the address of an allocation, and what is in one, are names.
    if (e.kind == EventKind::access && e.object == 0 && e.address != slot) {
      diary += ' ' + std::to_string(e.value) + ' ' + std::to_string(e.other);
    }
    diary += '\n';
  }
  std::map<unsigned, std::string> diaries;
  const void* slot = nullptr;
};

struct Object : kernel::RcuHead {};

// A program of some tasks with some random operations each.
struct Commute : testing::Test {
  Lab lab;
  Cell<Atomic<std::uint64_t>> words[3];
  Cell<Plain<std::uint64_t>> data;
  Cell<RawSpinLock> lock;
  Cell<kernel::LlistHead> list;
  Cell<kernel::LlistNode> nodes[4];
  Cell<Object> heads[4];
  Cell<kernel::IrqWork> work;
  Cell<kernel::WorkStruct> items[4];
  Cell<Atomic<Object*>> slot;
  std::vector<std::vector<unsigned>> operations;
  unsigned notified = 0;
  Told told;
  Diary diary;

  static constexpr unsigned operation_kinds = 22;

  Commute() {
    for (auto& word : words) lab.cell(word);
    for (auto& node : nodes) lab.cell(node);
    for (auto& head : heads) lab.cell(head);
    lab.cell(data).cell(lock).cell(list).cell(work).cell(slot);
    for (auto& item : items) lab.cell(item);
    lab.first([this] {
      work->init([](kernel::IrqWork*) {});
      for (auto& item : items) item->init([](kernel::WorkStruct*) {});
      notified = 0;
      diary.slot = &*slot;
    });
    lab.settings.trace = true;
    lab.machine.set_observer(&diary);
    lab.settings.cpus = 3;
    for (unsigned i = 0; i < 4; ++i) {
      lab.task(i % 3, [this, i] {
        for (std::size_t n = 0; n < operations[i].size(); ++n) operate(i, operations[i][n], 16 * i + n);
      });
    }
    lab.irq(0, [this] { words[0]->store(1000, Order::relaxed); });
    lab.nmi(1, [this] { (void)words[1]->exchange(1001, Order::relaxed); });
  }
  void draw(Random& random) {
    operations.assign(4, {});
    for (auto& list_of_task : operations) {
      for (std::uint64_t n = random.below(6); n > 0; --n) {
        list_of_task.push_back(static_cast<unsigned>(random.below(operation_kinds)));
      }
    }
  }
  static void give_back(kernel::RcuHead* head) { kernel::kfree(head); }
  static Object* allocate() {
    kernel::AllocFailure why{};
    return static_cast<Object*>(kernel::kmalloc_node(sizeof(Object), Gfp::nowait, kernel::Cpu{0}, nullptr, why));
  }

  void operate(unsigned task, unsigned kind, std::uint64_t value) {
    Machine& m = lab.machine;
    switch (kind) {
      case 0: words[value % 3]->store(value, Order::release); break;
      case 1: (void)words[value % 3]->load(Order::acquire); break;
      case 2: (void)words[value % 3]->exchange(value, Order::acq_rel); break;
      case 3: {
        const RawSpinLockGuard guard(*lock);
        data->set(data->get() + value);
        break;
      }
      case 4:
        list->add(&*nodes[task]);
        operations[task].resize(0);
        break;  // once a task
      case 5: (void)list->empty(); break;
      case 6: (void)list->del_first(); break;
      case 7: {
        const IrqGuard guard;
        words[task % 3]->store(value, Order::relaxed);
        break;
      }
      case 8: {
        const ReadSection reader(RcuFlavor::regular);
        (void)words[2]->load(Order::relaxed);
        break;
      }
      case 9: {
        const ReadSection reader(RcuFlavor::tasks_trace);
        if (Object* object = slot->load(Order::acquire)) m.touch(object, false);
        break;
      }
      case 10:
        if (Object* old = slot->exchange(allocate(), Order::acq_rel)) {
          kernel::call_rcu(RcuFlavor::tasks_trace, old, &give_back);
        }
        break;
      case 11: kernel::kfree(allocate()); break;
      case 12: kernel::irq_work_queue(&*work); break;
      case 13: m.raise(static_cast<unsigned>(value % 2)); break;
      case 14:
        m.begin_call(value);
        words[0]->store(value, Order::relaxed);
        m.end_call();
        break;
      case 15: kernel::synchronize_rcu(RcuFlavor::regular); break;
      case 16: m.migrate(static_cast<unsigned>(value % 3)); break;
      case 17: kernel::rcu_barrier(RcuFlavor::tasks_trace); break;
      // These four may end the run badly, and then it is not looked at.
      case 18: kernel::queue_work(&*items[task]); break;
      case 19: kernel::call_rcu(RcuFlavor::regular, &*heads[task], [](kernel::RcuHead*) {}); break;
      case 20: m.wait([](void* count) { return *static_cast<unsigned*>(count) != 0; }, &notified); break;
      case 21:
        m.yield();
        ++notified;
        m.notify();
        break;
      default: break;
    }
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
    for (auto& word : words) all += std::to_string(*reinterpret_cast<const Word*>(&*word)) + ' ';
    return all + std::to_string(*reinterpret_cast<const Word*>(&*data));
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
      draw(random);
      const auto drawn = operations;
      const std::string before = run(number, {});
      if (before.substr(0, 8) != "finished") continue;
      const std::vector<TakenStep> steps = told.steps;
      std::vector<ContextId> order;
      for (const TakenStep& step : steps) order.push_back(step.context);
      for (std::size_t i = random.below(4); i + 1 < steps.size(); i += 1 + random.below(5)) {
        if (steps[i].context == steps[i + 1].context) continue;
        const bool in_conflict = conflict(steps[i].view(), steps[i + 1].view());
        std::swap(order[i], order[i + 1]);
        operations = drawn;
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

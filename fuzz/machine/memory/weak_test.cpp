// Weak memory: the classic tests, every schedule and every choice of stores, under each model.
#include <string>
#include <vector>

#include "machine/engine/memory_model.h"
#include "machine/hooks/foreign.h"
#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

using Body = std::function<void()>;

// Two to four threads, each on a CPU of its own, on three atomics; r holds what they read.
class WeakTest : public testing::Test {
 protected:
  static constexpr Order rlx = Order::relaxed, acq = Order::acquire, rel = Order::release, sc = Order::seq_cst;
  struct Words {
    Atomic<int> x, y, z;
  };

  void w(Atomic<int> Words::*word, int value, Order order = Order::relaxed) { ((*words).*word).store(value, order); }
  int r(Atomic<int> Words::*word, Order order = Order::relaxed) { return ((*words).*word).load(order); }
  static void fence(Fence kind = Fence::full) { foreign::fence(kind, Site::here()); }

  // Is this outcome of r (a digit for each) among those of all executions?
  bool reaches(MemoryModel model, const std::string& wanted, const std::vector<Body>& threads) {
    return outcomes(model, threads).count(wanted) != 0;
  }
  Lab::Counts outcomes(MemoryModel model, const std::vector<Body>& threads) {
    Lab lab;
    Cell<Words> cell;
    lab.cell(cell);
    lab.settings.model = model;
    lab.settings.check_order = false;
    lab.settings.cpus = static_cast<unsigned>(threads.size());
    lab.first([&] {
      words = &*cell;
      got.assign(4, 0);
    });
    for (unsigned i = 0; i < threads.size(); ++i) lab.task(i, threads[i]);
    return lab.all(any_number, [&] {
      std::string text;
      for (const int value : got) text += std::to_string(value);
      return text + last();
    });
  }
  // The last value of each word, where a test asks for it.
  std::string last() const {
    if (!wants_last) return "";
    return "/" + std::to_string(value_of(words->x)) + std::to_string(value_of(words->y));
  }
  static int value_of(const Atomic<int>& word) { return *reinterpret_cast<const int*>(&word); }

  Words* words = nullptr;
  std::vector<int> got;
  bool wants_last = false;

  static constexpr auto X = &Words::x;
  static constexpr auto Y = &Words::y;
  static constexpr MemoryModel all[] = {MemoryModel::sc, MemoryModel::tso, MemoryModel::c11, MemoryModel::kernel};
  // sc, tso, c11, kernel
  void expect(const std::string& name, const std::string& wanted, const std::string& models,
              const std::vector<Body>& threads) {
    for (const MemoryModel model : all) {
      const bool is_allowed = (" " + models + " ").find(std::string(" ") + name_of(model) + " ") != std::string::npos;
      EXPECT_EQ(reaches(model, wanted, threads), is_allowed) << name << " under " << name_of(model);
    }
  }
};

TEST_F(WeakTest, StoreBuffering) {
  const auto test = [&](Order store, Order load, Fence* with) {
    return std::vector<Body>{[=, this] {
                               w(X, 1, store);
                               if (with != nullptr) fence(*with);
                               got[0] = r(Y, load);
                             },
                             [=, this] {
                               w(Y, 1, store);
                               if (with != nullptr) fence(*with);
                               got[1] = r(X, load);
                             }};
  };
  Fence full = Fence::full, write = Fence::write, read = Fence::read;
  expect("SB", "0000", "tso c11 kernel", test(rlx, rlx, nullptr));
  expect("SB+rel+acq", "0000", "tso c11 kernel", test(rel, acq, nullptr));
  expect("SB+sc", "0000", "", test(sc, sc, nullptr));
  expect("SB+mb", "0000", "", test(rlx, rlx, &full));
  expect("SB+wmb", "0000", "tso c11 kernel", test(rlx, rlx, &write));
  expect("SB+rmb", "0000", "tso c11 kernel", test(rlx, rlx, &read));
}

TEST_F(WeakTest, MessagePassing) {
  const auto test = [&](Order store, Order load, bool wmb, bool rmb) {
    return std::vector<Body>{[=, this] {
                               w(X, 1);
                               if (wmb) fence(Fence::write);
                               w(Y, 1, store);
                             },
                             [=, this] {
                               got[0] = r(Y, load);
                               if (rmb) fence(Fence::read);
                               got[1] = r(X);
                             }};
  };
  expect("MP", "1000", "c11 kernel", test(rlx, rlx, false, false));
  expect("MP+rel", "1000", "c11 kernel", test(rel, rlx, false, false));
  expect("MP+acq", "1000", "c11 kernel", test(rlx, acq, false, false));
  expect("MP+rel+acq", "1000", "", test(rel, acq, false, false));
  expect("MP+wmb+rmb", "1000", "", test(rlx, rlx, true, true));
  expect("MP+wmb+acq", "1000", "", test(rlx, acq, true, false));
  expect("MP+rel+rmb", "1000", "", test(rel, rlx, false, true));
}

TEST_F(WeakTest, LoadBufferingIsNotModelled) {
  expect("LB", "1100", "",
         {[&] {
            got[0] = r(X);
            w(Y, 1);
          },
          [&] {
            got[1] = r(Y);
            w(X, 1);
          }});
}

TEST_F(WeakTest, Coherence) {
  expect("CoRR", "1000", "",
         {[&] { w(X, 1); },
          [&] {
            got[0] = r(X);
            got[1] = r(X);
          }});
  expect("CoRR1", "1210", "",
         {[&] { w(X, 1); }, [&] { w(X, 2); },
          [&] {
            got[0] = r(X);
            got[1] = r(X);
            got[2] = r(X);
          }});
  wants_last = true;
  expect("CoWW", "0000/10", "", {[&] {
           w(X, 1);
           w(X, 2);
         }});
  // The load reads the other's store, so that one comes before the thread's own.
  expect("CoRW", "1000/10", "",
         {[&] { w(X, 1); },
          [&] {
            got[0] = r(X);
            w(X, 2);
          }});
}

TEST_F(WeakTest, StoresOfTwoThreadsToTwoWords) {
  wants_last = true;
  const auto test = [&](Order second, Fence* with) {
    return std::vector<Body>{[=, this] {
                               w(X, 1);
                               if (with != nullptr) fence(*with);
                               w(Y, 2, second);
                             },
                             [=, this] {
                               w(Y, 1);
                               if (with != nullptr) fence(*with);
                               w(X, 2, second);
                             }};
  };
  Fence full = Fence::full;
  expect("2+2W", "0000/11", "c11 kernel", test(rlx, nullptr));
  expect("2+2W+rel", "0000/11", "c11 kernel", test(rel, nullptr));
  expect("2+2W+mb", "0000/11", "", test(rlx, &full));
}

// A store takes its place before one that its thread has not seen.
TEST_F(WeakTest, AStoreOvertakenByALoad) {
  wants_last = true;
  const auto test = [&](Order store, Fence* with) {
    return std::vector<Body>{[=, this] {
                               w(X, 1);
                               if (with != nullptr) fence(*with);
                               w(Y, 1, store);
                             },
                             [=, this] {
                               w(Y, 2, store);
                               if (with != nullptr) fence(*with);
                               got[0] = r(X);
                             }};
  };
  Fence full = Fence::full;
  expect("R", "0000/12", "tso c11 kernel", test(rlx, nullptr));
  expect("R+rel", "0000/12", "tso c11 kernel", test(rel, nullptr));
  expect("R+mb", "0000/12", "", test(rlx, &full));
}

TEST_F(WeakTest, IndependentReads) {
  const auto test = [&](Order load, bool fences) {
    return std::vector<Body>{[=, this] { w(X, 1); }, [=, this] { w(Y, 1); },
                             [=, this] {
                               got[0] = r(X, load);
                               if (fences) fence();
                               got[1] = r(Y, load);
                             },
                             [=, this] {
                               got[2] = r(Y, load);
                               if (fences) fence();
                               got[3] = r(X, load);
                             }};
  };
  // C++20 (P0668) forbids it: full fences between relaxed loads order all.
  expect("IRIW+mb", "1010", "", test(rlx, true));
  expect("IRIW", "1010", "c11 kernel", test(rlx, false));
  expect("IRIW+acq", "1010", "c11 kernel", test(acq, false));
}

TEST_F(WeakTest, WriteToReadCausality) {
  const auto test = [&](Order store, Order load) {
    return std::vector<Body>{[=, this] { w(X, 1); },
                             [=, this] {
                               got[0] = r(X, load);
                               w(Y, 1, store);
                             },
                             [=, this] {
                               got[1] = r(Y, acq);
                               got[2] = r(X);
                             }};
  };
  expect("WRC+acq", "1100", "c11 kernel", test(rlx, acq));
  expect("WRC+rel", "1100", "", test(rel, rlx));
}

// A read-modify-write that reads an older store than the newest, and goes right behind it.
TEST_F(WeakTest, ARelaxedExchangeNeedNotReadTheNewest) {
  wants_last = true;
  const std::vector<Body> threads = {[&] {
                                       w(X, 1);
                                       w(Y, 1);
                                     },
                                     [&] {
                                       got[0] = r(Y);
                                       got[1] = words->x.exchange(2, rlx);
                                     }};
  // It reads 0 although the other's store to y, made later, was seen; so 1 comes after 2.
  expect("exchange", "1000/11", "c11 kernel", threads);
}

TEST_F(WeakTest, NothingComesBetweenAReadModifyWriteAndItsStore) {
  wants_last = true;
  const Lab::Counts counts = outcomes(
      MemoryModel::c11,
      {[&] { got[0] = words->x.exchange(1, rlx); }, [&] { got[1] = words->x.exchange(2, rlx); }, [&] { w(X, 3); }});
  for (const auto& [outcome, times] : counts) {
    EXPECT_NE(outcome.substr(0, 2), "00") << "two of them read what was there at first: " << outcome;
  }
}

TEST_F(WeakTest, AReleaseSequenceGoesOnThroughReadModifyWritesOnly) {
  const auto test = [&](bool by_exchange) {
    return std::vector<Body>{[=, this] {
                               w(X, 1);
                               w(Y, 1, rel);
                               by_exchange ? void(words->y.exchange(2, rlx)) : w(Y, 2);
                             },
                             [=, this] {
                               got[0] = r(Y, acq);
                               got[1] = r(X);
                             }};
  };
  expect("release; exchange", "2000", "", test(true));
  expect("release; store", "2000", "c11 kernel", test(false));
}

TEST_F(WeakTest, GracePeriodsOrderWhatLiesOutsideOfSections) {
  const std::vector<Body> threads = {[&] {
                                       w(X, 1);
                                       { const ReadSection reader(RcuFlavor::regular); }
                                       got[0] = r(Y);
                                     },
                                     [&] {
                                       w(Y, 1);
                                       kernel::synchronize_rcu(RcuFlavor::regular);
                                       got[1] = r(X);
                                     }};
  expect("SB+section+sync", "0000", "", threads);
}

TEST_F(WeakTest, AnEmptyScheduleIsSequentiallyConsistent) {
  for (const MemoryModel model : all) {
    Lab lab;
    Cell<Words> cell;
    lab.cell(cell).settings.model = model;
    lab.task(0, [&] { cell->x.store(1, rlx); });
    lab.task(1, [&] { EXPECT_EQ(cell->x.load(rlx), 1); });
    EXPECT_EQ(lab.once().end, End::finished);
  }
}

// The store may come after the free: what is freed is not known to have been used up.
TEST_F(WeakTest, AStoreThatNothingOrdersBeforeTheFreeIsAUseAfterFree) {
  const auto verdicts = [&](MemoryModel model, Order flag) {
    Lab lab;
    Cell<Words> cell;
    Atomic<int>* object = nullptr;
    lab.cell(cell);
    lab.settings.model = model;
    lab.settings.check_order = false;
    lab.first([&] {
      kernel::AllocFailure why{};
      object = new (slab_alloc(sizeof(*object), Gfp::kernel, false, why, Site::here())) Atomic<int>;
    });
    lab.task(0, [&] {
      object->store(1, rlx);
      cell->x.store(1, flag);
    });
    lab.task(1, [&] {
      if (cell->x.load(flag == rel ? acq : rlx) == 1) slab_free(object, Site::here());
    });
    return lab.all(any_number);
  };
  EXPECT_EQ(verdicts(MemoryModel::sc, rlx).count("use-after-free"), 0U);
  EXPECT_EQ(verdicts(MemoryModel::tso, rlx).count("use-after-free"), 0U) << "a store buffer is first in, first out";
  EXPECT_GT(verdicts(MemoryModel::c11, rlx).count("use-after-free"), 0U);
  EXPECT_GT(verdicts(MemoryModel::kernel, rlx).count("use-after-free"), 0U);
  EXPECT_EQ(verdicts(MemoryModel::c11, rel).count("use-after-free"), 0U);
  EXPECT_EQ(verdicts(MemoryModel::kernel, rel).count("use-after-free"), 0U);
}

TEST_F(WeakTest, ACompilersLoadGetsAnOlderValueAndMemoryKeepsTheNewest) {
  Lab lab;
  struct Pair {
    std::uint64_t data, flag;
  };
  Cell<Pair> pair;
  lab.cell(pair);
  lab.settings.model = MemoryModel::c11;
  lab.settings.check_order = false;
  std::uint64_t flag = 0, data = 0;
  const auto load = [](const std::uint64_t& word) {
    foreign::before_access(&word, sizeof(word), false, Site::here());
    return *static_cast<const volatile std::uint64_t*>(&word);
  };
  const auto store = [](std::uint64_t& word, std::uint64_t value) {
    foreign::before_access(&word, sizeof(word), true, Site::here());
    *static_cast<volatile std::uint64_t*>(&word) = value;
  };
  lab.task(0, [&] {
    store(pair->data, 7);
    store(pair->flag, 1);
  });
  lab.task(1, [&] {
    flag = load(pair->flag);
    data = load(pair->data);
  });
  const Lab::Counts counts = lab.all(any_number, [&] {
    return std::to_string(flag) + std::to_string(data) + "/" + std::to_string(pair->data) + std::to_string(pair->flag);
  });
  EXPECT_GT(counts.count("10/71"), 0U);
  for (const auto& [outcome, times] : counts) EXPECT_EQ(outcome.substr(2), "/71");
}

}  // namespace
}  // namespace rcufarm::sim

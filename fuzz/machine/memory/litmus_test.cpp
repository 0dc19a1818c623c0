// Litmus tests: what orders of operations there are, and which accesses race.
//
// As long as a load reads the newest store, outcomes are those of sequential consistency. What weaker orders lack shows as
// races of plain accesses instead.
#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

using Keys = std::vector<std::string>;

Keys keys(const Lab::Counts& counts) {
  Keys keys;
  for (const auto& [key, count] : counts) keys.push_back(key);
  return keys;
}

struct TwoWords : testing::Test {
  Lab lab;
  Cell<Atomic<int>> x, y;
  int r0 = 0, r1 = 0, r2 = 0, r3 = 0;
  TwoWords() { lab.cell(x).cell(y); }
};

TEST_F(TwoWords, StoreBuffering) {
  lab.task(0, [&] {
    x->store(1, Order::seq_cst);
    r0 = y->load(Order::seq_cst);
  });
  lab.task(1, [&] {
    y->store(1, Order::seq_cst);
    r1 = x->load(Order::seq_cst);
  });
  EXPECT_EQ(keys(lab.all(any_number, [&] { return both(r0, r1); })), (Keys{"01", "10", "11"}));
}

TEST_F(TwoWords, LoadBuffering) {
  lab.task(0, [&] {
    r0 = x->load(Order::relaxed);
    y->store(1, Order::relaxed);
  });
  lab.task(1, [&] {
    r1 = y->load(Order::relaxed);
    x->store(1, Order::relaxed);
  });
  EXPECT_EQ(keys(lab.all(any_number, [&] { return both(r0, r1); })), (Keys{"00", "01", "10"}));
}

TEST_F(TwoWords, IndependentReadsOfIndependentWrites) {
  lab.settings.cpus = 4;
  lab.task(0, [&] { x->store(1, Order::seq_cst); });
  lab.task(1, [&] { y->store(1, Order::seq_cst); });
  lab.task(2, [&] {
    r0 = x->load(Order::seq_cst);
    r1 = y->load(Order::seq_cst);
  });
  lab.task(3, [&] {
    r2 = y->load(Order::seq_cst);
    r3 = x->load(Order::seq_cst);
  });
  const Lab::Counts counts = lab.all(any_number, [&] { return both(r0, r1) + both(r2, r3); });
  EXPECT_EQ(counts.size(), 15U);
  EXPECT_EQ(counts.count("1010"), 0U) << "two readers saw two writes in opposite orders";
}

TEST_F(TwoWords, ExchangeIsOneStep) {
  lab.task(0, [&] { r0 = x->exchange(1, Order::relaxed); });
  lab.task(1, [&] { r1 = x->exchange(2, Order::relaxed); });
  EXPECT_EQ(keys(lab.all(any_number, [&] { return both(r0, r1); })), (Keys{"01", "20"}));
}

TEST_F(TwoWords, CompareExchangeSucceedsOnce) {
  lab.task(0, [&] { r0 = x->compare_exchange(0, 1, Order::acq_rel) ? 1 : 0; });
  lab.task(1, [&] { r1 = x->compare_exchange(0, 2, Order::acq_rel) ? 1 : 0; });
  EXPECT_EQ(keys(lab.all(any_number, [&] { return both(r0, r1); })), (Keys{"01", "10"}));
}

// ---- message passing: a plain field published by a flag ------------------------------------------------------------

struct MessagePassing : testing::Test {
  Lab lab;
  Cell<Atomic<int>> flag;
  Cell<Plain<int>> data;
  int seen = -1;
  MessagePassing() {
    lab.cell(flag).cell(data);
    lab.first([this] { data->set(0); });
  }
  Lab::Counts with(Order publish, Order look) {
    lab.task(0, [=, this] {
      data->set(42);
      flag->store(1, publish);
    });
    lab.task(1, [=, this] {
      seen = -1;
      if (flag->load(look) == 1) seen = data->get();
    });
    return lab.all(any_number, [this] { return std::to_string(seen); });
  }
};

TEST_F(MessagePassing, ReleaseAndAcquireOrderIt) {
  EXPECT_EQ(keys(with(Order::release, Order::acquire)), (Keys{"-1", "42"}));
}
TEST_F(MessagePassing, RelaxedPublishingRaces) {
  EXPECT_EQ(keys(with(Order::relaxed, Order::acquire)), (Keys{"-1", "data-race"}));
}
TEST_F(MessagePassing, RelaxedLookingRaces) {
  EXPECT_EQ(keys(with(Order::release, Order::relaxed)), (Keys{"-1", "data-race"}));
}

TEST_F(MessagePassing, RaceNamesBothPlaces) {
  lab.task(0, [&] { data->set(1); });
  lab.task(1, [&] { data->set(2); });
  const Outcome outcome = lab.once();
  ASSERT_EQ(outcome.violation.kind, ViolationKind::data_race);
  EXPECT_EQ(outcome.violation.first.context, task_context(0));
  EXPECT_EQ(outcome.violation.second.context, task_context(1));
  EXPECT_EQ(outcome.violation.first.site.line + 1, outcome.violation.second.site.line);
  EXPECT_NE(std::string(outcome.violation.first.site.file).find("litmus_test.cpp"), std::string::npos);
}

// A release sequence goes on through read-modify-writes of others, relaxed ones too, and ends with a plain store.
TEST_F(MessagePassing, ReadModifyWriteGoesOnWithTheReleaseSequence) {
  lab.task(0, [&] {
    data->set(42);
    flag->store(1, Order::release);
  });
  lab.task(1, [&] { (void)flag->compare_exchange(1, 2, Order::relaxed); });
  lab.task(0, [&] {
    seen = -1;
    if (flag->load(Order::acquire) == 2) seen = data->get();
  });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U);
}
TEST_F(MessagePassing, RelaxedStoreOfAnotherEndsIt) {
  lab.settings.cpus = 3;
  lab.task(0, [&] {
    data->set(42);
    flag->store(1, Order::release);
  });
  lab.task(1, [&] {
    if (flag->load(Order::relaxed) == 1) flag->store(2, Order::relaxed);
  });
  lab.task(2, [&] {
    if (flag->load(Order::acquire) == 2) seen = data->get();
  });
  EXPECT_GT(lab.all(any_number)["data-race"], 0U);
}

TEST_F(MessagePassing, ReadsDoNotRaceWithReads) {
  lab.task(0, [&] { (void)data->get(); });
  lab.task(1, [&] { (void)data->get(); });
  EXPECT_EQ(keys(lab.all(any_number)), Keys{"finished"});
}

TEST_F(MessagePassing, ContextsOfOneCpuAreOrdered) {
  lab.task(0, [&] { data->set(1); });
  lab.task(0, [&] { data->set(2); });
  lab.irq(0, [&] { data->set(3); }).nmi(0, [&] { data->set(4); }).raise_all();
  EXPECT_EQ(keys(lab.all(2)), Keys{"finished"});
}

TEST_F(MessagePassing, MigratingTaskTakesItsOrderAlong) {
  lab.task(0, [&] {
    data->set(1);
    lab.machine.migrate(1);
    data->set(2);
    lab.machine.migrate(0);
    data->set(3);
  });
  EXPECT_EQ(keys(lab.all(any_number)), Keys{"finished"});
}

TEST_F(MessagePassing, LockOrdersAndExcludes) {
  Cell<RawSpinLock> lock;
  int inside = 0;
  lab.cell(lock);
  const auto body = [&] {
    const RawSpinLockGuard guard(*lock);
    ++inside;
    EXPECT_EQ(inside, 1);
    data->set(data->get() + 1);
    --inside;
  };
  lab.task(0, body).task(1, body);
  EXPECT_EQ(keys(lab.all(3, [&] { return "finished"; })), Keys{"finished"});
}

// Which store a load read is in its event.
TEST(StoreReads, AreRecorded) {
  struct Watch final : Observer {
    std::vector<Event> accesses;
    void on_event(const Event& event) override {
      if (event.kind == EventKind::access) accesses.push_back(event);
    }
  } watch;
  Lab lab;
  Cell<Atomic<int>> x;
  lab.cell(x);
  lab.settings.trace = true;
  lab.machine.set_observer(&watch);
  lab.task(0, [&] {
    (void)x->load(Order::relaxed);
    x->store(5, Order::relaxed);
    (void)x->exchange(6, Order::relaxed);
    (void)x->load(Order::relaxed);
  });
  lab.once();
  ASSERT_EQ(watch.accesses.size(), 4U);
  EXPECT_EQ(watch.accesses[0].store, 0U);
  EXPECT_EQ(watch.accesses[1].made, 1U);
  EXPECT_EQ(watch.accesses[2].store, 1U);
  EXPECT_EQ(watch.accesses[2].made, 2U);
  EXPECT_EQ(watch.accesses[2].other, 5U);
  EXPECT_EQ(watch.accesses[2].value, 6U);
  EXPECT_EQ(watch.accesses[3].store, 2U);
  EXPECT_EQ(watch.accesses[3].value, 6U);
}

TEST(StoreReads, FillTheMapByPairOfPlaces) {
  Lab lab;
  Cell<Atomic<int>> x;
  lab.cell(x);
  std::vector<std::uint8_t> map(256);
  lab.machine.set_reads_from_map(map.data(), map.size());
  const auto places = [&] { return std::count_if(map.begin(), map.end(), [](auto n) { return n != 0; }); };
  lab.task(0, [&] { x->store(1, Order::relaxed); }).task(1, [&] { (void)x->load(Order::relaxed); });
  lab.once();
  EXPECT_EQ(places(), 1);
  lab.all(any_number);
  EXPECT_EQ(places(), 2) << "the load read the initial value, too";
}

TEST(StoreReads, FillTheSetWithTheSamePlaces) {
  Lab lab;
  Cell<Atomic<int>> x;
  lab.cell(x);
  lab.task(0, [&] { x->store(1, Order::relaxed); }).task(1, [&] { (void)x->load(Order::relaxed); });
  std::vector<std::uint8_t> map(256);
  lab.machine.set_reads_from_map(map.data(), map.size());
  lab.all(any_number);
  std::vector<std::uint64_t> set(map.size() / 64);
  std::vector<std::uint32_t> met(map.size() + 1);
  lab.machine.set_reads_from_set(set.data(), set.size(), met.data());
  lab.all(any_number);
  EXPECT_EQ(lab.machine.reads_from_pairs(), 2U);
  std::vector<std::uint32_t> counted;
  for (std::uint32_t place = 0; place < map.size(); ++place) {
    EXPECT_EQ(map[place] != 0, (set[place / 64] >> place % 64 & 1U) != 0) << place;
    if (map[place] != 0) counted.push_back(place);
  }
  met.resize(lab.machine.reads_from_pairs());
  std::sort(met.begin(), met.end());
  EXPECT_EQ(met, counted);
}

}  // namespace
}  // namespace rcufarm::sim

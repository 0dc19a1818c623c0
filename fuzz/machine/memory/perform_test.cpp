// What all accesses have in common: each makes and reads numbered stores, whatever its kind and size.
#include <vector>

#include "machine/hooks/foreign.h"
#include "machine/kernel/core.h"
#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

struct Recorded : Observer {
  std::vector<Event> events;
  void on_event(const Event& event) override {
    if (event.kind == EventKind::access || event.kind == EventKind::lock || event.kind == EventKind::unlock)
      events.push_back(event);
  }
};

struct Perform : testing::Test {
  Lab lab;
  Cell<std::uint64_t> word;
  Cell<RawSpinLock> lock;
  Recorded recorded;
  Perform() {
    lab.cell(word).cell(lock);
    lab.settings.trace = true;
    lab.machine.set_observer(&recorded);
  }
  std::uint32_t* upper() { return reinterpret_cast<std::uint32_t*>(&*word) + 1; }
};

TEST_F(Perform, AStoreToAWordIsAStoreToItsUpperHalf) {
  lab.task(0, [&] {
    foreign::store(upper(), 4, 1, Order::relaxed, Site::here());
    foreign::store(&*word, 8, 0, Order::release, Site::here());
    EXPECT_EQ(foreign::load(upper(), 4, Order::acquire, Site::here()), 0U);
  });
  EXPECT_EQ(lab.once().end, End::finished);
  ASSERT_EQ(recorded.events.size(), 3U);
  EXPECT_EQ(recorded.events[2].store, recorded.events[1].made);
}

TEST_F(Perform, AReleaseOfAWordOrdersWhoReadsItsUpperHalf) {
  Cell<Plain<int>> data;
  lab.cell(data);
  lab.task(0, [&] {
    foreign::store(upper(), 4, 1, Order::relaxed, Site::here());
    data->set(1);
    foreign::store(&*word, 8, ~Word{0}, Order::release, Site::here());
  });
  lab.task(1, [&] {
    if (foreign::load(upper(), 4, Order::acquire, Site::here()) == 0xffffffffU) data->get();
  });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U);
}

TEST_F(Perform, APlainAdditionOfACpuReleasesNothing) {
  lab.task(0, [&] {
    foreign::store(&*word, 8, 1, Order::release, Site::here());
    EXPECT_NE(core().shadow_of(&*word).sync(), 0U);
    foreign::add_local(&*word, 8, 1, Site::here());
    EXPECT_EQ(core().shadow_of(&*word).sync(), 0U);
  });
  EXPECT_EQ(lab.once().end, End::finished);
}

TEST_F(Perform, ALockReadsTheStoreOfTheUnlockBeforeIt) {
  lab.task(0, [&] { const RawSpinLockGuard guard(*lock); });
  lab.task(1, [&] { const RawSpinLockGuard guard(*lock); });
  EXPECT_EQ(lab.once().end, End::finished);
  ASSERT_EQ(recorded.events.size(), 4U);
  EXPECT_EQ(recorded.events[0].store, 0U);
  EXPECT_NE(recorded.events[1].made, 0U);
  EXPECT_EQ(recorded.events[2].store, recorded.events[1].made);
}

// Of accesses that nothing orders the machine remembers, when there are several, whether one is plain.
TEST_F(Perform, APlainAccessAmongUnorderedAtomicOnesIsRemembered) {
  const auto with = [](bool plain_first, bool plain_last) {
    Lab fresh;
    Word* word = nullptr;
    fresh.first([&] { word = static_cast<Word*>(fresh.machine.host_memory(sizeof(Word))); });
    const auto read = [&word](bool plain) {
      plain ? plain_load(word, Site::here()) : atomic_load(word, Order::relaxed, Site::here());
    };
    fresh.task(0, [&] { read(plain_first); });
    fresh.task(1, [&] { read(false); });
    fresh.task(2, [&] { read(plain_last); });
    fresh.task(3, [&] { atomic_store(word, 1, Order::relaxed, Site::here()); });
    fresh.settings.cpus = 4;
    const Violation found = fresh.once().violation;
    return std::pair(found.kind, found.first.op);
  };
  EXPECT_EQ(with(false, false).first, ViolationKind::none);
  EXPECT_EQ(with(true, false), std::pair(ViolationKind::data_race, Op::plain_load));
  EXPECT_EQ(with(false, true), std::pair(ViolationKind::data_race, Op::plain_load));
}

}  // namespace
}  // namespace rcufarm::sim

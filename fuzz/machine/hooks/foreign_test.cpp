// Code with types of its own: two ints in one word are two places, an announced access is checked, a free sees both.
#include "machine/hooks/foreign.h"

#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

struct Pair {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

void write(std::uint32_t& field, std::uint32_t value, const Site& site = Site::here()) {
  foreign::before_access(&field, sizeof(field), true, site);
  field = value;
}
std::uint32_t read(const std::uint32_t& field, const Site& site = Site::here()) {
  foreign::before_access(&field, sizeof(field), false, site);
  return field;
}

struct Foreign : testing::Test {
  Lab lab;
  Cell<Pair> pair;
  Foreign() { lab.cell(pair); }
};

TEST_F(Foreign, NeighboursInAWordDoNotRace) {
  lab.task(0, [&] { write(pair->low, 1); });
  lab.task(1, [&] { write(pair->high, 2); });
  const Lab::Counts counts = lab.all(any_number, [&] { return both(int(pair->low), int(pair->high)); });
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_GT(counts.count("12"), 0U);
}

TEST_F(Foreign, AccessesToOneHalfRace) {
  lab.task(0, [&] { write(pair->high, 1); });
  lab.task(1, [&] { read(pair->high); });
  EXPECT_GT(lab.all(any_number).count("data-race"), 0U);
}

TEST_F(Foreign, TheWholeWordRacesWithItsUpperHalf) {
  lab.task(0, [&] { write(pair->high, 1); });
  lab.task(1, [&] { foreign::before_access(&*pair, sizeof(Pair), true, Site::here()); });
  EXPECT_GT(lab.all(any_number).count("data-race"), 0U);
}

TEST_F(Foreign, MarkedAccessesDoNotRaceAndDoNotOrder) {
  lab.task(0, [&] { foreign::store(&pair->high, 4, 1, Order::relaxed, Site::here()); });
  lab.task(1, [&] { foreign::load(&pair->high, 4, Order::relaxed, Site::here()); });
  EXPECT_EQ(lab.all(any_number).size(), 1U);
}

TEST_F(Foreign, AReleaseThatIsReadOrders) {
  lab.task(0, [&] {
    write(pair->low, 7);
    foreign::exchange(&pair->high, 4, 1, Order::seq_cst, Site::here());
  });
  lab.task(1, [&] {
    if (foreign::fetch_add(&pair->high, 4, 0, Order::seq_cst, Site::here()) == 1) read(pair->low);
  });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U);
}

TEST_F(Foreign, ReadModifyWritesOfAHalfLeaveTheOther) {
  lab.task(0, [&] {
    pair->low = 5;
    EXPECT_EQ(foreign::exchange(&pair->high, 4, 0xffffffffU, Order::seq_cst, Site::here()), 0U);
    EXPECT_EQ(foreign::fetch_add(&pair->high, 4, 2, Order::seq_cst, Site::here()), 0xffffffffU);
    EXPECT_EQ(foreign::compare_exchange(&pair->high, 4, 1, 9, Order::seq_cst, Site::here()), 1U);
    EXPECT_EQ(foreign::compare_exchange(&pair->high, 4, 1, 3, Order::seq_cst, Site::here()), 9U);
    EXPECT_EQ(foreign::add_local(&pair->high, 4, 1, Site::here()), 10U);
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(both(int(pair->low), int(pair->high)), "510");
}

TEST_F(Foreign, AFreeSeesTheUpperHalf) {
  Pair* object = nullptr;
  kernel::AllocFailure why{};
  lab.first([&] { object = static_cast<Pair*>(slab_alloc(sizeof(Pair), Gfp::kernel, false, why, Site::here())); });
  lab.task(0, [&] { foreign::load(&object->high, 4, Order::relaxed, Site::here()); });
  lab.task(1, [&] {
    foreign::load(&object->low, 4, Order::relaxed, Site::here());
    slab_free(object, Site::here());
  });
  const Lab::Counts counts = lab.all(any_number);
  EXPECT_GT(counts.count("unordered-free"), 0U);
  EXPECT_GT(counts.count("use-after-free"), 0U);
}

TEST_F(Foreign, MemoryOfOthersIsLeftAlone) {
  std::uint32_t mine = 0;
  lab.task(0, [&] {
    const std::uint64_t before = lab.machine.step();
    EXPECT_FALSE(foreign::is_watched(&mine));
    foreign::store(&mine, 4, 6, Order::relaxed, Site::here());
    EXPECT_EQ(foreign::fetch_add(&mine, 4, 1, Order::seq_cst, Site::here()), 6U);
    EXPECT_EQ(lab.machine.step(), before) << "no scheduling point";
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(mine, 7U);
}

TEST_F(Foreign, EachCpuHasItsInstance) {
  lab.task(1, [&] {
    std::size_t stride = 0;
    auto* caches = static_cast<char*>(caches_alloc(200, stride, Gfp::kernel, Site::here()));
    EXPECT_EQ(foreign::percpu_instance(caches, 1), caches + stride);
    EXPECT_EQ(foreign::percpu_instance(caches + 8, 1), caches + stride + 8);
    foreign::free_percpu(caches, Site::here());
    kernel::AllocFailure why{};
    auto* object = static_cast<char*>(percpu_alloc(64, Gfp::kernel, false, why, Site::here()));
    EXPECT_EQ(foreign::percpu_instance(object, 1), percpu_of(object, 1));
    foreign::free_percpu(object, Site::here());
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(lab.machine.live_objects(), 0U);
}

TEST_F(Foreign, EqualRunsHaveEqualDigests) {
  lab.task(0, [&] { write(pair->high, 1); });
  lab.task(0, [&] { foreign::before_access(&*pair, sizeof(Pair), false, Site::here()); });
  const std::uint64_t first = lab.once().digest;
  EXPECT_EQ(lab.once().digest, first);
  lab.task(0, [&] { read(pair->high); });
  EXPECT_NE(lab.once().digest, first);
}

}  // namespace
}  // namespace rcufarm::sim

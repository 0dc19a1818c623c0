// Where objects go that are freed on another CPU than theirs: the surplus goes home, what is within bounds stays.
#include <gtest/gtest.h>

#include <vector>

#include "mem/mem_alloc.h"
#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

using mem::Error;
using mem::home_of;
using mem::List;
using mem::MemAlloc;
using mem::MemCache;
using mem::object_of;
using mem::Statistics;

constexpr int count = 40;
constexpr int bytes = 4000;  // watermarks 2 and 6

// Allocates on CPU 0, and then is on CPU 1.
class MemHomes : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_EQ(ma_.init(by_size() ? 0 : bytes, false), Error::none);
    for (int i = 0; i < count; ++i) objects_.push_back(alloc());
    home_ = home_of(object_of(objects_[0]));
    cpu_.migrate(Cpu{1});
    void* p = alloc();
    here_ = home_of(object_of(p));
    free(p);
    ASSERT_NE(home_, here_);
  }
  bool by_size() const { return GetParam(); }
  void* alloc() { return by_size() ? ma_.alloc(bytes) : ma_.cache_alloc(); }
  void free(void* p) { by_size() ? ma_.free(p) : ma_.cache_free(p); }
  void free_rcu(void* p) { by_size() ? ma_.free_rcu(p) : ma_.cache_free_rcu(p); }

  static Statistics of(const MemCache* cache) {
    Statistics s;
    cache->add_to(s);
    return s;
  }
  static std::int64_t on(const MemCache* cache, List list) { return of(cache).objects[static_cast<int>(list)]; }
  // What waits for a tasks-trace grace period.
  static std::int64_t on_ttrace_lists(const MemCache* cache) {
    return on(cache, List::free_by_rcu_ttrace) + on(cache, List::waiting_for_gp_ttrace);
  }
  void destroy_and_expect_settled() {
    ma_.destroy();
    machine_.flush_workqueue();
    EXPECT_EQ(machine_.slab().live().size(), 0U) << machine_.slab().print_live();
    EXPECT_EQ(machine_.reports().count(), 0U) << machine_.reports().print();
  }

  Machine machine_{config_with(true)};
  CpuOwner cpu_{machine_, Cpu{0}};
  MemAlloc ma_;
  std::vector<void*> objects_;
  const MemCache* home_ = nullptr;
  const MemCache* here_ = nullptr;
};
INSTANTIATE_TEST_SUITE_P(Kinds, MemHomes, testing::Bool(),
                         [](const auto& info) { return std::string(info.param ? "classes" : "fixed"); });

TEST_P(MemHomes, TheSurplusOfFreeGoesHome) {
  {
    const kernel::ReadSection keeps_it_waiting(RcuFlavor::tasks_trace);
    const std::int64_t free_before = on(here_, List::free_llist);
    for (void* p : objects_) free(p);
    EXPECT_EQ(of(here_).frees, count + 1) << "counted where it was called";
    EXPECT_EQ(of(home_).frees, 0);
    const std::int64_t stayed = on(here_, List::free_llist) - free_before;
    EXPECT_LE(on(here_, List::free_llist), 6);
    EXPECT_EQ(on_ttrace_lists(home_), count - stayed);
    EXPECT_EQ(on_ttrace_lists(here_), 0);
    EXPECT_GT(of(here_).trims, 0);
    EXPECT_EQ(of(home_).trims, 0);
  }
  destroy_and_expect_settled();
}

TEST_P(MemHomes, WhatFreeRcuDefersGoesHomeAfterTheRegularGracePeriod) {
  Reader keeps_it_waiting(machine_, RcuFlavor::tasks_trace);
  void* last = objects_.back();
  objects_.pop_back();
  for (void* p : objects_) free_rcu(p);
  kernel::rcu_barrier(RcuFlavor::regular);
  free_rcu(last);  // takes along what came during the grace period
  kernel::rcu_barrier(RcuFlavor::regular);
  EXPECT_EQ(on_ttrace_lists(home_), count);
  EXPECT_EQ(on_ttrace_lists(here_), 0);
  EXPECT_EQ(of(here_).frees_rcu, count) << "counted where it was called";
  EXPECT_EQ(of(home_).frees_rcu, 0);
  keeps_it_waiting.leave();
  destroy_and_expect_settled();
}

// Home again, they are used before the slab is asked.
TEST_P(MemHomes, TheHomeCacheTakesThemBackFromItsLists) {
  {
    const kernel::ReadSection keeps_it_waiting(RcuFlavor::tasks_trace);
    for (void* p : objects_) free(p);
    const std::int64_t at_home = on_ttrace_lists(home_) + on(home_, List::free_llist);
    cpu_.migrate(Cpu{0});
    const std::int64_t from_slab = of(home_).from_slab;
    std::vector<void*> again;
    // Short of the last refill, which may have to ask the slab for the rest of its batch.
    for (std::int64_t i = 0; i < at_home - 6; ++i) again.push_back(alloc());
    EXPECT_EQ(of(home_).from_slab, from_slab);
    for (void* p : again) free(p);
  }
  destroy_and_expect_settled();
}

}  // namespace
}  // namespace rcufarm::native::test

// The shim's fences and full barriers reach the machine: the classic tests in the kernel's words, every execution.
#include <string>
#include <vector>

#include "machine/engine/memory_model.h"
#include "machine/lab.h"
// Last: it defines names of its own.
#include "linux/shim.h"

namespace rcufarm::sim {
namespace {

struct Words {
  unsigned long x = 0, y = 0;
  llist_head list[2] = {};
  llist_node node[2] = {};
};

class LinuxFences : public testing::Test {
 protected:
  // Two threads, each of which returns what it read; the outcomes of all executions as "00".
  bool reaches(MemoryModel model, const char* outcome, const std::function<unsigned long(Words&)>& first,
               const std::function<unsigned long(Words&)>& second) {
    Lab lab;
    Cell<Words> words;
    lab.cell(words);
    lab.settings.model = model;
    lab.settings.check_order = false;
    lab.settings.cpus = 2;
    unsigned long got[2] = {};
    lab.task(0, [&] { got[0] = first(*words); });
    lab.task(1, [&] { got[1] = second(*words); });
    const Lab::Counts counts = lab.all(any_number, [&] { return std::to_string(got[0]) + std::to_string(got[1]); });
    return counts.count(outcome) != 0;
  }
  // Each stores, does `between`, and reads the other's: 00 where `between` does not order it.
  bool store_buffering(MemoryModel model, const std::function<void(Words&, unsigned)>& between) {
    return reaches(
        model, "00",
        [&](Words& w) {
          WRITE_ONCE(w.x, 1);
          between(w, 0);
          return READ_ONCE(w.y);
        },
        [&](Words& w) {
          WRITE_ONCE(w.y, 1);
          between(w, 1);
          return READ_ONCE(w.x);
        });
  }
  bool message_passing(const std::function<void()>& write_side, const std::function<void()>& read_side) {
    return reaches(
        MemoryModel::kernel, "01",
        [&](Words& w) {
          WRITE_ONCE(w.x, 1);
          write_side();
          WRITE_ONCE(w.y, 1);
          return 0UL;
        },
        [&](Words& w) {
          const unsigned long flag = READ_ONCE(w.y);
          read_side();
          return flag != 0 && READ_ONCE(w.x) == 0 ? 1UL : 0UL;
        });
  }
};

TEST_F(LinuxFences, AFullFenceOrdersAStoreBeforeALoad) {
  const auto nothing = [](Words&, unsigned) {};
  for (const MemoryModel model : {MemoryModel::tso, MemoryModel::kernel}) {
    EXPECT_TRUE(store_buffering(model, nothing)) << name_of(model);
    EXPECT_FALSE(store_buffering(model, [](Words&, unsigned) { smp_mb(); })) << name_of(model);
    EXPECT_FALSE(store_buffering(model, [](Words&, unsigned) { smp_mb__before_atomic(); })) << name_of(model);
  }
  EXPECT_TRUE(store_buffering(MemoryModel::kernel, [](Words&, unsigned) { smp_wmb(); }));
  EXPECT_TRUE(store_buffering(MemoryModel::kernel, [](Words&, unsigned) { smp_rmb(); }));
}

TEST_F(LinuxFences, AListsReadModifyWriteIsAFullBarrier) {
  for (const MemoryModel model : {MemoryModel::tso, MemoryModel::kernel}) {
    EXPECT_FALSE(store_buffering(model, [](Words& w, unsigned i) { llist_add(&w.node[i], &w.list[i]); }));
    EXPECT_FALSE(store_buffering(model, [](Words& w, unsigned i) { llist_del_all(&w.list[i]); }));
    EXPECT_TRUE(store_buffering(model, [](Words& w, unsigned i) { __llist_add(&w.node[i], &w.list[i]); }));
    EXPECT_TRUE(store_buffering(model, [](Words& w, unsigned i) { llist_empty(&w.list[i]); }));
  }
}

TEST_F(LinuxFences, AWriteAndAReadFenceOrderAMessage) {
  const auto nothing = [] {};
  const auto wmb = [] { smp_wmb(); };
  const auto rmb = [] { smp_rmb(); };
  EXPECT_TRUE(message_passing(nothing, nothing));
  EXPECT_TRUE(message_passing(wmb, nothing));
  EXPECT_TRUE(message_passing(nothing, rmb));
  EXPECT_FALSE(message_passing(wmb, rmb));
}

}  // namespace
}  // namespace rcufarm::sim

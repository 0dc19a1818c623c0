// Lists: a batch has to be a chain from its first node to its last.
#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

struct ListsTest : testing::Test {
  Lab lab;

  static kernel::LlistNode* node() {
    kernel::AllocFailure why{};
    return static_cast<kernel::LlistNode*>(kernel::kmalloc_node(16, Gfp::nowait, kernel::Cpu{0}, nullptr, why));
  }
  // Three nodes, one after the other, and one apart.
  struct Nodes {
    kernel::LlistNode* a = node();
    kernel::LlistNode* b = node();
    kernel::LlistNode* c = node();
    kernel::LlistNode* other = node();
    Nodes() {
      a->next.set(b);
      b->next.set(c);
      c->next.set(nullptr);
      other->next.set(nullptr);
    }
  };
  // What is found when this pair is added as a batch.
  template <class Pair>
  ViolationKind found(Pair pair) {
    lab.task(0, [pair] {
      auto list = kernel::PerCpu<kernel::LlistHead>::create(Gfp::kernel);
      Nodes nodes;
      const auto [first, last] = pair(nodes);
      list.on(kernel::Cpu{0}).add_batch(first, last);
      list.destroy();
    });
    return lab.once().violation.kind;
  }
};

TEST_F(ListsTest, AChainIsABatch) {
  EXPECT_EQ(found([](Nodes& n) { return std::pair{n.a, n.c}; }), ViolationKind::none);
}

TEST_F(ListsTest, WhatLiesBehindTheLastNodeDoesNotMatter) {
  EXPECT_EQ(found([](Nodes& n) { return std::pair{n.a, n.b}; }), ViolationKind::none);
}

TEST_F(ListsTest, OneNodeIsABatch) {
  EXPECT_EQ(found([](Nodes& n) { return std::pair{n.other, n.other}; }), ViolationKind::none);
}

TEST_F(ListsTest, TheLastNodeOfAnotherChain) {
  EXPECT_EQ(found([](Nodes& n) { return std::pair{n.a, n.other}; }), ViolationKind::broken_batch);
}

TEST_F(ListsTest, TheLastNodeBeforeTheFirst) {
  EXPECT_EQ(found([](Nodes& n) { return std::pair{n.b, n.a}; }), ViolationKind::broken_batch);
}

TEST_F(ListsTest, ARingThatTheLastNodeIsNotIn) {
  EXPECT_EQ(found([](Nodes& n) {
              n.c->next.set(n.a);
              return std::pair{n.a, n.other};
            }),
            ViolationKind::broken_batch);
}

TEST_F(ListsTest, AChainThatIsBackInTheSlab) {
  EXPECT_EQ(found([](Nodes& n) {
              kernel::kfree(n.b);
              return std::pair{n.a, n.c};
            }),
            ViolationKind::broken_batch);
}

}  // namespace
}  // namespace rcufarm::sim

// Sets of contexts, in one word and in several: the same as a set of numbers.
#include "machine/engine/context_set.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "machine/search/random.h"

namespace rcufarm::sim {
namespace {

using Numbers = std::set<unsigned>;

template <unsigned size>
std::vector<unsigned> members_of(const BasicContextSet<size>& set) {
  std::vector<unsigned> members;
  for (const ContextId id : set) members.push_back(index_of(id));
  return members;
}

template <unsigned size>
void expect_same(const BasicContextSet<size>& set, const Numbers& model) {
  ASSERT_EQ(members_of(set), std::vector<unsigned>(model.begin(), model.end()));
  EXPECT_EQ(set.is_empty(), model.empty());
  EXPECT_EQ(set.count(), model.size());
  for (unsigned i = 0; i < size; ++i) EXPECT_EQ(set.contains(static_cast<ContextId>(i)), model.count(i) != 0);
  if (model.empty()) return;
  EXPECT_EQ(set.has_one(), model.size() == 1);
  EXPECT_EQ(index_of(set.first()), *model.begin());
  unsigned n = 0;
  for (const unsigned member : model) EXPECT_EQ(index_of(set.nth(n++, set.count())), member);
  for (unsigned i = 0; i < size; ++i) {
    const auto above = model.upper_bound(i);
    EXPECT_EQ(index_of(set.next_after(static_cast<ContextId>(i))), above != model.end() ? *above : *model.begin());
  }
}

template <unsigned size>
void behaves_like_a_set() {
  using Set = BasicContextSet<size>;
  for (std::uint64_t run = 0; run < 40; ++run) {
    Random random(1, run, size);
    Set a, b;
    Numbers in_a, in_b;
    for (std::uint64_t n = random.below(2 * size); n > 0; --n) {
      const auto i = static_cast<unsigned>(random.below(size));
      const auto id = static_cast<ContextId>(i);
      switch (random.below(4)) {
        case 0: a.erase(id), in_a.erase(i); break;
        case 1: b.insert(id), in_b.insert(i); break;
        default: a.insert(id), in_a.insert(i); break;
      }
    }
    expect_same(a, in_a);
    Numbers both, either, rest;
    for (unsigned i = 0; i < size; ++i) {
      const bool is_in_a = in_a.count(i) != 0;
      const bool is_in_b = in_b.count(i) != 0;
      if (is_in_a && is_in_b) both.insert(i);
      if (is_in_a || is_in_b) either.insert(i);
      if (is_in_a && !is_in_b) rest.insert(i);
    }
    expect_same(a & b, both);
    expect_same(a | b, either);
    expect_same(a - b, rest);
    EXPECT_EQ(a == b, in_a == in_b);
  }
  for (unsigned i = 0; i < size; ++i) {
    EXPECT_EQ(Set::up_to(static_cast<ContextId>(i)).count(), i + 1);
    expect_same(Set(static_cast<ContextId>(i)), Numbers{i});
  }
}

TEST(ContextSets, InOneWord) {
  behaves_like_a_set<context_count>();
  behaves_like_a_set<64>();
}

// Eight CPUs and three flavours of RCU, and more than two words.
TEST(ContextSets, InSeveralWords) {
  behaves_like_a_set<contexts_with(3)>();
  behaves_like_a_set<200>();
}

TEST(ContextSets, ALoopGoesOverTheSetAsItWas) {
  ContextSet set = ContextSet::up_to(task_context(5));
  unsigned met = 0;
  for (const ContextId id : set) {
    set.erase(id);
    set.insert(worker_context);
    ++met;
  }
  EXPECT_EQ(met, 6U);
  EXPECT_EQ(set, ContextSet(worker_context));
}

}  // namespace
}  // namespace rcufarm::sim

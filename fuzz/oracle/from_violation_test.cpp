// Each violation of the machine has its kind, and names that do not depend on the schedule.
#include <gtest/gtest.h>

#include "oracle/from_violation.h"
#include "oracle/signature.h"

namespace rcufarm::oracle {
namespace {

using sim::ViolationKind;

const sim::ContextId callback = sim::callback_context(kernel::RcuFlavor::regular, 0);
constexpr std::uint32_t cache_memory = 1;
constexpr std::uint32_t object = 2;

class FromViolation : public testing::Test {
 protected:
  FromViolation() {
    sim::Event e;
    e.object = cache_memory;
    e.text = "per-CPU caches";
    books_.allocated(e);
    e.object = object;
    e.text = "slab";
    books_.allocated(e);
  }
  static sim::Party party(sim::ContextId context, sim::Op op, const char* function) {
    sim::Party p;
    p.context = context;
    p.op = op;
    p.site.function = function;
    return p;
  }
  std::string signature(ViolationKind kind, const sim::Party& first, const sim::Party& second, std::uint32_t serial,
                        std::uintptr_t address = 0x10000) {
    sim::Violation v;
    v.address = reinterpret_cast<const void*>(address);
    v.kind = kind;
    v.first = first;
    v.second = second;
    v.object = serial;
    return signature_of(from_violation(v, books_, sections_));
  }

  ObjectBooks books_;
  Sections sections_;
  const sim::Party freeing = party(sim::main_context, sim::Op::slab_free, "free_it");
  const sim::Party using_it = party(sim::task_context(1), sim::Op::plain_load, "use_it");
  const sim::Party in_callback = party(callback, sim::Op::plain_load, "called_back");
};

TEST_F(FromViolation, EveryKindIsNamed) {
  for (unsigned i = 1; i <= static_cast<unsigned>(ViolationKind::host); ++i) {
    sim::Violation v;
    v.kind = static_cast<ViolationKind>(i);
    EXPECT_NE(from_violation(v, books_, sections_).kind, Kind::none) << name_of(v.kind);
  }
}

TEST_F(FromViolation, ACallbackOnAFreedCacheIsOneSignatureHoweverItShows) {
  const std::string expected = "callback-on-freed-cache: free_it";
  EXPECT_EQ(signature(ViolationKind::use_after_free, freeing, in_callback, cache_memory), expected);
  const sim::Party queued = party(sim::irq_work_context(0), sim::Op::call_rcu, "start_it");
  EXPECT_EQ(signature(ViolationKind::freed_while_queued, queued, freeing, cache_memory), expected);
  EXPECT_EQ(signature(ViolationKind::freed_while_locked, in_callback, freeing, cache_memory), expected);
}

TEST_F(FromViolation, OfAnObjectOrOfSomebodyElseItIsAUseAfterFree) {
  EXPECT_EQ(signature(ViolationKind::use_after_free, freeing, in_callback, object),
            "use-after-free: free_it, called_back");
  EXPECT_EQ(signature(ViolationKind::use_after_free, freeing, using_it, cache_memory),
            "use-after-free: free_it, use_it");
}

TEST_F(FromViolation, PastTheCachesIsOneSignatureWhicheverCallIsTheFirst) {
  EXPECT_EQ(signature(ViolationKind::out_of_bounds, {}, using_it, cache_memory), "corrupted-list: per-CPU caches");
  EXPECT_EQ(signature(ViolationKind::out_of_bounds, {}, in_callback, cache_memory), "corrupted-list: per-CPU caches");
  EXPECT_EQ(signature(ViolationKind::out_of_bounds, {}, using_it, object), "corrupted-list: use_it");
}

TEST_F(FromViolation, WhatFollowsNullIsAnotherMistakeThanAWrongPointer) {
  for (const std::uintptr_t address : {0UL, 0x98UL})
    EXPECT_EQ(signature(ViolationKind::out_of_bounds, {}, using_it, 0, address),
              "corrupted-list: use_it, a null pointer");
  EXPECT_EQ(signature(ViolationKind::out_of_bounds, {}, using_it, 0), "corrupted-list: use_it");
}

TEST_F(FromViolation, ABatchThatIsNoChainIsNamedByWhoAddsIt) {
  EXPECT_EQ(signature(ViolationKind::broken_batch, {}, using_it, object), "corrupted-list: use_it");
}

TEST_F(FromViolation, ARaceIsTheSameFromEitherSide) {
  EXPECT_EQ(signature(ViolationKind::data_race, freeing, using_it, object),
            signature(ViolationKind::data_race, using_it, freeing, object));
}

TEST_F(FromViolation, ATouchThatIsNotOrderedBeforeTheFreeIsAReadersIfHeIsInside) {
  const sim::Party touch = party(sim::task_context(1), sim::Op::touch, "touch");
  EXPECT_EQ(signature(ViolationKind::unordered_free, touch, freeing, object),
            "freed-without-happens-before: free_it, touch");
  sim::Event enters;
  enters.context = sim::task_context(1);
  sections_.begin(enters);
  EXPECT_EQ(signature(ViolationKind::unordered_free, touch, freeing, object), "returned-under-reader: free_it");
  // One that began after the look can hold nothing of it.
  sections_.end(enters);
  enters.step = touch.step + 1;
  sections_.begin(enters);
  EXPECT_EQ(signature(ViolationKind::unordered_free, touch, freeing, object),
            "freed-without-happens-before: free_it, touch");
}

TEST_F(FromViolation, AnotherWorkThatIsQueuedInFreedMemory) {
  const sim::Party queued = party(sim::task_context(0), sim::Op::irq_work_raise, "raise_it");
  EXPECT_EQ(signature(ViolationKind::freed_while_queued, queued, freeing, cache_memory),
            "freed-in-use: raise_it, free_it");
}

TEST(Described, ALookAtTheWholeIsInNoFunction) {
  Accusation accusation{.kind = Kind::pending_does_not_fall, .roles = {{"looked", {}}}};
  accusation.roles[0].party.context = sim::main_context;
  EXPECT_EQ(describe(accusation, "meaning"), "meaning; looked by main");
  accusation.roles[0].party.site.function = "free_all";
  EXPECT_EQ(describe(accusation, "meaning"), "meaning; looked by main in free_all");
}

}  // namespace
}  // namespace rcufarm::oracle

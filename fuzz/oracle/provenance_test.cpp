// Where a bad pointer came from, told access by access.
#include <gtest/gtest.h>

#include "oracle/provenance.h"
#include "oracle/signature.h"

namespace rcufarm::oracle {
namespace {

using sim::ContextId;
using sim::Event;
using sim::EventKind;
using sim::Op;

const ContextId task = sim::task_context(0);
const ContextId other_task = sim::task_context(1);
const ContextId irq_work = sim::irq_work_context(0);
const ContextId callback = sim::callback_context(kernel::RcuFlavor::regular, 0);

// Words of an allocator's per-CPU caches, and of an object.
constexpr std::uintptr_t tail = 0x20000;
constexpr std::uintptr_t waiting_tail = 0x20008;
constexpr std::uintptr_t target = 0x20010;
constexpr std::uintptr_t header = 0x30000;
constexpr std::uint64_t node = 0x30000;
constexpr std::uint64_t other_node = 0x40000;

class ProvenanceTest : public testing::Test {
 protected:
  ProvenanceTest() {
    provenance_.reset();
    allocate(1, "per-CPU caches", "init");
    allocate(2, "slab", "grow");
  }
  void allocate(std::uint32_t serial, const char* what, const char* function) {
    Event e{.kind = EventKind::alloc, .object = serial};
    e.text = what;
    e.site.function = function;
    provenance_.on_event(e);
  }
  // Begins or ends something.
  void begins(EventKind kind, ContextId context) { provenance_.on_event({.kind = kind, .context = context}); }
  void loads(ContextId context, const char* function, std::uintptr_t address, std::uint64_t value,
             std::uint32_t store) {
    Event e = access(context, function, address, Op::plain_load);
    e.value = value;
    e.store = store;
    provenance_.on_event(e);
  }
  std::uint32_t stores(ContextId context, const char* function, std::uintptr_t address, std::uint64_t value) {
    Event e = access(context, function, address, Op::plain_store);
    e.value = value;
    e.made = ++made_;
    provenance_.on_event(e);
    return made_;
  }
  std::string cause(ContextId context, std::uint64_t address,
                    sim::ViolationKind kind = sim::ViolationKind::broken_batch, std::uint32_t object = 0) {
    sim::Violation v;
    v.kind = kind;
    v.second.context = context;
    v.object = object;
    v.address = reinterpret_cast<const void*>(address);
    return provenance_.cause_of(v);
  }

 private:
  static Event access(ContextId context, const char* function, std::uintptr_t address, Op op) {
    Event e{.kind = EventKind::access, .context = context, .op = op};
    e.cpu = context == callback ? sim::no_cpu : 0;
    e.address = reinterpret_cast<const void*>(address);
    e.object = address < header ? 1 : 2;
    e.site.function = function;
    return e;
  }

  Provenance provenance_;
  std::uint32_t made_ = 0;
};

TEST_F(ProvenanceTest, APointerIsFollowedThroughCopiesToItsFirstStore) {
  const auto first = stores(other_task, "push", tail, node);
  begins(EventKind::call_end, other_task);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", tail, node, first);
  const auto copy = stores(irq_work, "move", waiting_tail, node);
  begins(EventKind::callback_begin, callback);
  loads(callback, "take", waiting_tail, node, copy);
  EXPECT_EQ(cause(callback, node), "stored by push");
}

TEST_F(ProvenanceTest, AStoreInTheMiddleOfTheReadersFunctionIsTheCause) {
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", waiting_tail, 0, 0);
  const auto between = stores(task, "push", tail, other_node);
  loads(irq_work, "move", tail, other_node, between);
  const auto copy = stores(irq_work, "move", waiting_tail, other_node);
  begins(EventKind::callback_begin, callback);
  loads(callback, "take", waiting_tail, other_node, copy);
  EXPECT_EQ(cause(callback, other_node), "push inside move");
}

TEST_F(ProvenanceTest, AStoreThatComesLateIsTheCauseWhetherItHasComeOrNot) {
  for (const bool has_come : {false, true}) {
    const auto first = stores(task, "push", tail, node);
    begins(EventKind::call_begin, task);
    loads(task, "push", waiting_tail, 0, 0);
    if (!has_come) loads(task, "raise", target, 0, 0);  // a function that it calls
    begins(EventKind::irq_work_begin, irq_work);
    loads(irq_work, "move", tail, node, first);
    const auto copy = stores(irq_work, "move", waiting_tail, node);
    if (has_come) stores(task, "push", tail, other_node);
    begins(EventKind::callback_begin, callback);
    loads(callback, "take", waiting_tail, node, copy);
    EXPECT_EQ(cause(callback, node), "move inside push") << has_come;
  }
}

TEST_F(ProvenanceTest, WhatNobodyStoredIsNamedByWhoAllocatedIt) {
  begins(EventKind::call_begin, task);
  loads(task, "free", header, 0, 0);
  const auto copy = stores(task, "free", target, 0);
  begins(EventKind::callback_begin, callback);
  loads(callback, "take", target, 0, copy);
  EXPECT_EQ(cause(callback, 0x98, sim::ViolationKind::out_of_bounds), "nothing stored since grow");
}

// Whoever works on a word beside it, and has nothing to do with it, is not named.
TEST_F(ProvenanceTest, AnInterruptThatHappensToComeIsNoCause) {
  const auto first = stores(task, "push", tail, node);
  begins(EventKind::call_begin, task);
  loads(task, "pop", target, 0, 0);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", tail, node, first);
  EXPECT_EQ(cause(irq_work, node), "stored by push");
}

TEST_F(ProvenanceTest, AStoreThatCameLateIsFoundBehindOthers) {
  const auto first = stores(task, "push", tail, node);
  begins(EventKind::call_begin, task);
  loads(task, "push", waiting_tail, 0, 0);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", tail, node, first);
  begins(EventKind::call_begin, other_task);
  stores(other_task, "push", tail, node);
  stores(task, "push", tail, other_node);
  begins(EventKind::call_end, task);
  EXPECT_EQ(cause(irq_work, node), "move inside push");
}

// The tail of a list that was taken while its free stood in the middle: it is stored over the tail of the next list.
TEST_F(ProvenanceTest, AStoreThatOverwritesANewerOneIsLateToo) {
  begins(EventKind::call_begin, task);
  loads(task, "push", waiting_tail, 0, 0);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", tail, 0, 0);
  begins(EventKind::irq_work_end, irq_work);
  stores(other_task, "push", tail, other_node);
  const auto late = stores(task, "push", tail, node);
  begins(EventKind::call_end, task);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", tail, node, late);
  EXPECT_EQ(cause(irq_work, node), "move inside push");
}

TEST_F(ProvenanceTest, WhoHasStoredAlreadyIsNotLate) {
  begins(EventKind::call_begin, task);
  loads(task, "free", header, 0, 0);
  const auto copy = stores(task, "free", target, 0);
  loads(task, "free", tail, 1, 0);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "trim", target, 0, copy);
  EXPECT_EQ(cause(irq_work, 0, sim::ViolationKind::out_of_bounds), "nothing stored since grow");
}

TEST_F(ProvenanceTest, WhoHasEndedStandsNowhere) {
  const auto first = stores(task, "push", tail, node);
  begins(EventKind::call_end, task);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", tail, node, first);
  EXPECT_EQ(cause(irq_work, node), "stored by push");
}

TEST_F(ProvenanceTest, WhatMadeTheAllocatorsHasEndedWhenTasksBegin) {
  stores(sim::main_context, "init", target, 0);
  begins(EventKind::task_begin, task);
  begins(EventKind::irq_work_begin, irq_work);
  loads(irq_work, "move", tail, 0, 0);
  EXPECT_EQ(cause(irq_work, 0, sim::ViolationKind::out_of_bounds), "nothing stored since init");
}

TEST_F(ProvenanceTest, APointerThatWasNeverReadHasNoCause) {
  begins(EventKind::callback_begin, callback);
  loads(callback, "take", waiting_tail, node, 0);
  EXPECT_EQ(cause(callback, other_node), "");
}

TEST_F(ProvenanceTest, AnAccessBesideAnObjectFollowedNoBadPointer) {
  begins(EventKind::callback_begin, callback);
  loads(callback, "take", target, header, stores(task, "push", target, header));
  EXPECT_EQ(cause(callback, header + 64, sim::ViolationKind::out_of_bounds, 2), "");
  EXPECT_EQ(cause(callback, header + 64, sim::ViolationKind::out_of_bounds), "stored by push");
}

TEST(Signature, ACauseTakesThePlaceOfNamesAndTheFormerOneIsKnown) {
  const Accusation named{.kind = Kind::corrupted_list, .names = {"take", ""}};
  Accusation explained = named;
  explained.cause = "move inside push";
  EXPECT_EQ(signature_of(named), "corrupted-list: take");
  EXPECT_EQ(signature_of(explained), "corrupted-list: move inside push");
  EXPECT_EQ(former_signature_of(explained), signature_of(named));
  EXPECT_TRUE(is_signature_of("corrupted-list: take", explained));
  EXPECT_TRUE(is_signature_of("corrupted-list: move inside push", explained));
  EXPECT_FALSE(is_signature_of("corrupted-list: push inside move", explained));
}

// Of an address that the processor does not have a fault tells nothing.
TEST_F(ProvenanceTest, AFaultAtNoAddressIsThePointersThatIsNone) {
  const auto poison = stores(task, "fill", target, 0x6b6b6b6b6b6b6b6b);
  begins(EventKind::callback_begin, callback);
  loads(callback, "take", target, 0x6b6b6b6b6b6b6b6b, poison);
  EXPECT_EQ(cause(callback, 0, sim::ViolationKind::host), "stored by fill");
}

}  // namespace
}  // namespace rcufarm::oracle

// What a thread does on given values: events, dependencies, values. The dependencies are those of herd7 7.57.
#include "litmus/interpret.h"

#include <gtest/gtest.h>

#include "litmus/address.h"
#include "litmus/parse.h"

namespace rcufarm::litmus {
namespace {

using Indices = std::vector<unsigned>;

struct Ran {
  explicit Ran(const std::string& body, std::vector<Value> reads = {}, const std::string& initial = "")
      : program(parsed("C t\n{" + initial + "}\nP0(int *x, int *y, int *z)\n{\n" + body + "\n}\nexists (0:r0=1)\n")),
        trace(program.run(0, reads)) {}
  static LitmusTest parsed(const std::string& text) {
    auto result = parse(text, "t");
    if (const auto* error = std::get_if<ParseError>(&result)) ADD_FAILURE() << to_string(*error);
    return std::get<LitmusTest>(result);
  }
  const Event& operator[](std::size_t i) const { return trace.events.at(i); }
  std::size_t size() const { return trace.events.size(); }
  Value reg(const std::string& name) const {
    const auto& registers = program.test().threads[0].registers;
    for (std::size_t i = 0; i < registers.size(); ++i) {
      if (registers[i].name == name) return trace.registers.at(i);
    }
    ADD_FAILURE() << "no register " << name;
    return 0;
  }
  LitmusProgram program;
  ThreadTrace trace;
};

TEST(LitmusInterpret, AReadWithoutAValueEndsTheTrace) {
  const Ran first("r0 = READ_ONCE(*x); WRITE_ONCE(*y, r0);");
  EXPECT_FALSE(first.trace.ended);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].kind, EventKind::read);
  EXPECT_EQ(first[0].location, 0U);
  const Ran second("r0 = READ_ONCE(*x); WRITE_ONCE(*y, r0);", {7});
  EXPECT_TRUE(second.trace.ended);
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[1].value, 7);
  EXPECT_EQ(second[1].data, Indices{0});
  EXPECT_EQ(second.reg("r0"), 7);
}

TEST(LitmusInterpret, OrdersAndFences) {
  const Ran run(
      "*x = 1; WRITE_ONCE(*x, 1); smp_store_release(x, 1); smp_wmb(); smp_store_mb(*y, 2); r0 = smp_load_acquire(x);"
      "r0 = *y; rcu_assign_pointer(*x, 1); synchronize_rcu(); barrier();",
      {0, 0});
  EXPECT_EQ(run[0].order, Order::plain);
  EXPECT_EQ(run[1].order, Order::once);
  EXPECT_EQ(run[2].order, Order::release);
  EXPECT_EQ(run[3].fence, Fence::wmb);
  EXPECT_EQ(run[4].kind, EventKind::write);
  EXPECT_EQ(run[5].fence, Fence::mb);
  EXPECT_EQ(run[6].order, Order::acquire);
  EXPECT_EQ(run[7].order, Order::plain);
  EXPECT_EQ(run[8].order, Order::release);
  EXPECT_EQ(run[9].kind, EventKind::sync_rcu);
  EXPECT_EQ(run[10].fence, Fence::barrier);
  EXPECT_EQ(run[0].line, 5U);
}

TEST(LitmusInterpret, DependenciesGoThroughRegisters) {
  const Ran run("r0 = READ_ONCE(*x); r1 = r0 ^ r0; r2 = r1 & 0; WRITE_ONCE(*y, r2 + 1); r0 = 5; WRITE_ONCE(*y, r0);",
                {3});
  EXPECT_EQ(run[1].data, Indices{0});
  EXPECT_EQ(run[1].value, 1);
  EXPECT_TRUE(run[2].data.empty());
}

TEST(LitmusInterpret, AddressesAreDependencies) {
  const Ran run("r0 = READ_ONCE(*x); r1 = READ_ONCE(*r0); WRITE_ONCE(*r0, r1); r2 = *READ_ONCE(*x);",
                {address_of(1), 4, address_of(2), 9});
  ASSERT_EQ(run.size(), 5U);
  EXPECT_EQ(run[1].location, 1U);
  EXPECT_EQ(run[1].addr, Indices{0});
  EXPECT_EQ(run[2].addr, Indices{0});
  EXPECT_EQ(run[2].data, Indices{1});
  EXPECT_EQ(run[4].location, 2U);
  EXPECT_EQ(run[4].addr, Indices{3});
}

TEST(LitmusInterpret, ControlEndsWithTheBody) {
  const Ran run(
      "r0 = READ_ONCE(*x); if (r0 == 1) { WRITE_ONCE(*y, 1); smp_mb(); } else { WRITE_ONCE(*y, 2); } WRITE_ONCE(*z, "
      "1);",
      {1});
  EXPECT_EQ(run[1].ctrl, Indices{0});
  EXPECT_EQ(run[1].value, 1);
  EXPECT_EQ(run[2].ctrl, Indices{0});
  EXPECT_TRUE(run[3].ctrl.empty());
}

TEST(LitmusInterpret, ControlOfAReadInTheCondition) {
  const Ran run("if (READ_ONCE(*x) + READ_ONCE(*y)) { if (READ_ONCE(*x)) { WRITE_ONCE(*z, 1); } }", {1, 0, 1});
  EXPECT_EQ(run[2].ctrl, (Indices{0, 1}));
  EXPECT_EQ(run[3].ctrl, (Indices{0, 1, 2}));
}

TEST(LitmusInterpret, WhatABodyAssignsCarriesControl) {
  const Ran run("r0 = READ_ONCE(*x); if (r0) { r1 = 1; } if (r1) { WRITE_ONCE(*y, 1); } WRITE_ONCE(*z, r1);", {1});
  EXPECT_EQ(run[1].ctrl, Indices{0});
  EXPECT_TRUE(run[2].data.empty());
  // But not where the condition read memory itself.
  const Ran direct("if (READ_ONCE(*x)) { r1 = 1; } if (r1) { WRITE_ONCE(*y, 1); }", {1});
  EXPECT_TRUE(direct[1].ctrl.empty());
}

TEST(LitmusInterpret, EachTurnOfALoopDependsOnThoseBefore) {
  const std::string body = "while (READ_ONCE(*x) == 0) { WRITE_ONCE(*y, 1); } WRITE_ONCE(*z, 1);";
  const Ran run(body, {0, 1});
  ASSERT_EQ(run.size(), 4U);
  EXPECT_EQ(run[1].ctrl, Indices{0});
  EXPECT_EQ(run[2].ctrl, Indices{0});
  EXPECT_TRUE(run[3].ctrl.empty());
  const Ran endless(body, {0, 0, 0, 0});
  EXPECT_TRUE(endless.trace.cut);
  EXPECT_FALSE(endless.trace.ended);
  EXPECT_TRUE(endless.program.met_loop_bound());
  EXPECT_EQ(Ran(body, {0, 0, 1}).trace.ended, true);
}

TEST(LitmusInterpret, Exchanges) {
  const Ran full("r0 = xchg(x, 3); WRITE_ONCE(*y, r0);", {2});
  ASSERT_EQ(full.size(), 3U);
  EXPECT_EQ(full[0].part, Part::rmw);
  EXPECT_EQ(full[0].order, Order::seq_cst);
  EXPECT_EQ(full[1].order, Order::seq_cst);
  EXPECT_EQ(full[1].rmw_read, 0);
  EXPECT_EQ(full[1].value, 3);
  EXPECT_TRUE(full[1].data.empty());
  EXPECT_EQ(full[2].value, 2);
  EXPECT_TRUE(full[2].data.empty());
  const Ran relaxed("r1 = READ_ONCE(*y); r0 = xchg_relaxed(x, r1); WRITE_ONCE(*y, r0);", {5, 2});
  EXPECT_EQ(relaxed[2].data, Indices{0});
  EXPECT_EQ(relaxed[3].data, Indices{1});
}

TEST(LitmusInterpret, Arithmetic) {
  const Ran run("r1 = READ_ONCE(*y); r0 = atomic_add_return_acquire(r1, x); WRITE_ONCE(*y, r0); atomic_inc(x);",
                {5, 2, 0});
  EXPECT_EQ(run[1].order, Order::acquire);
  EXPECT_EQ(run[2].order, Order::once);
  EXPECT_EQ(run[2].value, 7);
  EXPECT_EQ(run[2].data, (Indices{0, 1}));
  EXPECT_EQ(run[3].data, (Indices{0, 1}));
  EXPECT_EQ(run[4].part, Part::noreturn);
  EXPECT_EQ(run[5].part, Part::noreturn);
  EXPECT_EQ(run.reg("r0"), 7);
  EXPECT_EQ(Ran("r0 = atomic_fetch_sub_relaxed(1, x);", {5}).reg("r0"), 5);
  EXPECT_EQ(Ran("r0 = atomic_dec_and_test(x);", {1}).reg("r0"), 1);
  EXPECT_EQ(Ran("r0 = atomic_add_negative(-2, x);", {1}).reg("r0"), 1);
  EXPECT_EQ(Ran("r0 = atomic_fetch_andnot(1, x);", {3})[1].value, 2);
}

TEST(LitmusInterpret, AFailedCompareExchangeIsARead) {
  const Ran failed("r0 = cmpxchg(x, 1, 2); WRITE_ONCE(*y, r0);", {5});
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].part, Part::rmw);
  EXPECT_EQ(failed[0].order, Order::once);
  EXPECT_EQ(failed[1].data, Indices{0});
  EXPECT_EQ(Ran("r0 = cmpxchg_acquire(x, 1, 2);", {5})[0].order, Order::once);
  const Ran done("r0 = cmpxchg_acquire(x, 1, 2);", {1});
  EXPECT_EQ(done[0].order, Order::acquire);
  EXPECT_EQ(done[1].value, 2);
  const Ran unless("r0 = atomic_add_unless(x, 1, 5);", {5});
  EXPECT_EQ(unless.size(), 1U);
  EXPECT_EQ(unless.reg("r0"), 0);
  const Ran added("r0 = atomic_add_unless(x, 1, 5);", {4});
  EXPECT_EQ(added[0].order, Order::seq_cst);
  EXPECT_EQ(added[1].value, 5);
  EXPECT_EQ(added.reg("r0"), 1);
}

TEST(LitmusInterpret, Locks) {
  const Ran taken("spin_lock(x); spin_unlock(x);", {0});
  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(taken[0].part, Part::lock);
  EXPECT_NE(taken[1].value, 0);
  EXPECT_EQ(taken[2].part, Part::unlock);
  EXPECT_EQ(taken[2].value, 0);
  EXPECT_TRUE(Ran("spin_lock(x);", {1}).trace.cut);
  const Ran tried("r0 = spin_trylock(x); if (r0) { spin_unlock(x); }", {1});
  EXPECT_EQ(tried.size(), 1U);
  EXPECT_EQ(tried.reg("r0"), 0);
  EXPECT_EQ(Ran("r0 = spin_trylock(x); if (r0) { spin_unlock(x); }", {0}).size(), 3U);
  EXPECT_EQ(Ran("r0 = spin_is_locked(x);", {1})[0].part, Part::is_locked);
}

TEST(LitmusInterpret, SleepableSections) {
  const Ran run("r0 = srcu_read_lock(x); srcu_read_unlock(x, r0); synchronize_srcu(y);");
  ASSERT_EQ(run.size(), 3U);
  EXPECT_TRUE(run.trace.ended);
  EXPECT_EQ(run[0].kind, EventKind::srcu_lock);
  EXPECT_EQ(run[1].kind, EventKind::srcu_unlock);
  EXPECT_EQ(run[1].data, Indices{0});
  EXPECT_EQ(run[2].location, 1U);
}

TEST(LitmusInterpret, C11CompareExchangeWritesWhatItSaw) {
  const std::string body =
      "r0 = atomic_compare_exchange_strong_explicit(x, y, 9, memory_order_acq_rel, memory_order_acquire);";
  const Ran failed(body, {1, 2});
  ASSERT_EQ(failed.size(), 3U);
  EXPECT_EQ(failed[0].location, 1U);
  EXPECT_EQ(failed[1].order, Order::acquire);
  EXPECT_EQ(failed[2].location, 1U);
  EXPECT_EQ(failed[2].value, 2);
  EXPECT_EQ(failed[2].order, Order::plain);
  const Ran done(body, {1, 1});
  EXPECT_EQ(done[1].order, Order::acquire);
  EXPECT_EQ(done[2].order, Order::release);
  EXPECT_EQ(done[2].value, 9);
  EXPECT_EQ(done.reg("r0"), 1);
}

TEST(LitmusInterpret, IntsWrapAndNobodysRegisterIsZero) {
  const Ran run("r0 = 2147483647 + 1; r1 = r7; r2 = -7 / 2; r3 = 3 > 2; r4 = 5 & 6 | 8; r5 = 2 * 3 + 4; r6 = x == x;");
  EXPECT_EQ(run.reg("r0"), -2147483648LL);
  EXPECT_EQ(run.reg("r1"), 0);
  EXPECT_EQ(run.reg("r2"), -3);
  EXPECT_EQ(run.reg("r3"), 1);
  EXPECT_EQ(run.reg("r4"), 12);
  EXPECT_EQ(run.reg("r5"), 10);
  EXPECT_EQ(run.reg("r6"), 1);
  EXPECT_EQ(Ran("r0 = r1;", {}, "0:r1=4;").reg("r0"), 4);
}

TEST(LitmusInterpret, WhatHasNoMeaningIsNoted) {
  const Ran nowhere("r0 = READ_ONCE(*x); WRITE_ONCE(*r0, 1);", {0});
  EXPECT_TRUE(nowhere.trace.cut);
  EXPECT_EQ(nowhere.program.senseless(), "");  // herd7 drops such an execution too
  EXPECT_NE(Ran("r0 = x * 2;").program.senseless().find("5: arithmetic with an address"), std::string::npos);
  EXPECT_NE(Ran("r0 = 1 / r1;").program.senseless().find("division by 0"), std::string::npos);
  EXPECT_TRUE(Ran("r0 = x + 1; r1 = *r0;").trace.cut);
}

TEST(LitmusInterpret, Conditions) {
  const auto test = Ran::parsed(
      "C t\n{ y=x; }\nP0(int *x, int *y) { r0 = *x; }\nfilter (0:r0=1)\n"
      "exists (x=1 /\\ (y=x \\/ 0:r0=-1) => false)");
  const LitmusProgram program(test);
  State state{{{address_of(1), address_of(0), 1}}, {address_of(1), 1}};
  ASSERT_EQ(test.locations[0].name, "y");
  EXPECT_TRUE(program.counts(state));
  EXPECT_FALSE(holds(test.condition, state));  // x=1 and not (true => false)
  state.locations[0] = 0;
  EXPECT_TRUE(holds(test.condition, state));
  state.registers[0][2] = 0;
  EXPECT_FALSE(program.counts(state));
}

}  // namespace
}  // namespace rcufarm::litmus

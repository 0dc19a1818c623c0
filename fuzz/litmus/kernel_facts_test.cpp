// What people get wrong about the kernel's model, as whole tests in its own language. Each verdict and flag is herd7 7.57's
// with the model of linux-6.12.
#include <gtest/gtest.h>

#include "litmus/explore.h"
#include "litmus/interpret.h"
#include "litmus/parse.h"

namespace rcufarm::litmus {
namespace {

constexpr const char* parameters =
    "int *x, int *y, int *z, int *p, spinlock_t *l, struct srcu_struct *ss, struct srcu_struct *tt";

// "Never", "Sometimes", "Always", with the flags behind it.
std::string verdict(const std::vector<std::string>& threads, const std::string& condition) {
  std::string text = "C t\n{}\n";
  for (std::size_t i = 0; i < threads.size(); ++i)
    text += "P" + std::to_string(i) + "(" + parameters + ")\n{\n" + threads[i] + "\n}\n";
  auto parsed = parse(text + "exists (" + condition + ")\n", "t");
  if (const auto* error = std::get_if<ParseError>(&parsed)) return to_string(*error);
  const LitmusProgram program(std::move(std::get<LitmusTest>(parsed)));
  const auto result =
      explore(program, kernel_model(), [&](const State& s) { return holds(program.test().condition, s); });
  if (const auto* error = std::get_if<ExploreError>(&result)) return error->what;
  const auto& outcome = std::get<Outcome>(result);
  std::string word = outcome.matches == 0 ? "Never" : outcome.matches == outcome.executions ? "Always" : "Sometimes";
  for (const std::string_view name : outcome.flags.names()) word += " " + std::string(name);
  return word;
}

const char* const publish = "WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);";

TEST(KernelFacts, ControlDependencies) {
  const std::string condition = "x=2 /\\ 1:r0=1";
  const std::string writer = "WRITE_ONCE(*x, 2); smp_wmb(); WRITE_ONCE(*y, 1);";
  EXPECT_EQ(verdict({writer, "int r0 = READ_ONCE(*y); if (r0 == 1) { WRITE_ONCE(*x, 1); }"}, condition), "Never");
  // It ends with the body of its `if`,
  EXPECT_EQ(
      verdict({writer, "int r0 = READ_ONCE(*y); if (r0 == 1) { WRITE_ONCE(*z, 1); } WRITE_ONCE(*x, 1);"}, condition),
      "Sometimes");
  // equal stores in both branches keep it, and so does a value that does not matter.
  EXPECT_EQ(verdict({writer, "int r0 = READ_ONCE(*y); if (r0 == 1) { WRITE_ONCE(*x, 1); } else { WRITE_ONCE(*x, 1); }"},
                    condition),
            "Never");
  EXPECT_EQ(verdict({writer, "int r0 = READ_ONCE(*y); WRITE_ONCE(*x, 1 + (r0 & 0));"}, condition), "Never");
  // It orders no later load and protects no plain access.
  EXPECT_EQ(verdict({publish, "int r0 = READ_ONCE(*y); int r1 = 7; if (r0 == 1) { r1 = READ_ONCE(*x); }"},
                    "1:r0=1 /\\ 1:r1=0"),
            "Sometimes");
  EXPECT_EQ(
      verdict({"*x = 1; smp_store_release(y, 1);", "int r0 = READ_ONCE(*y); if (r0 == 1) { int r1 = *x; }"}, "1:r0=1"),
      "Sometimes data-race");
  EXPECT_EQ(verdict({"*x = 1; smp_store_release(y, 1);", "int r0 = smp_load_acquire(y); if (r0 == 1) { int r1 = *x; }"},
                    "1:r0=1"),
            "Sometimes");
}

TEST(KernelFacts, ReleaseSequences) {
  const std::string reader = "int r0 = smp_load_acquire(y); int r1 = READ_ONCE(*x);";
  EXPECT_EQ(verdict({"WRITE_ONCE(*x, 1); smp_store_release(y, 1); WRITE_ONCE(*y, 2);", reader}, "1:r0=2 /\\ 1:r1=0"),
            "Sometimes");
  EXPECT_EQ(verdict({"WRITE_ONCE(*x, 1); smp_store_release(y, 1);", reader, "int r0 = atomic_fetch_add_relaxed(1, y);"},
                    "1:r0=2 /\\ 1:r1=0 /\\ 2:r0=1"),
            "Never");
  EXPECT_EQ(verdict({publish, reader, "int r0 = atomic_fetch_add_relaxed(1, y);"}, "1:r0=2 /\\ 1:r1=0 /\\ 2:r0=1"),
            "Never");
}

TEST(KernelFacts, LocksOfOneCpu) {
  const std::string reader = "int r0 = smp_load_acquire(y); int r1 = READ_ONCE(*x);";
  const std::string seen = "1:r0=1 /\\ 1:r1=0";
  EXPECT_EQ(
      verdict(
          {"spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); spin_lock(l); WRITE_ONCE(*y, 1); spin_unlock(l);", reader},
          seen),
      "Never");
  EXPECT_EQ(verdict({"WRITE_ONCE(*x, 1); spin_lock(l); spin_unlock(l); WRITE_ONCE(*y, 1);", reader}, seen),
            "Sometimes");
  const auto store_load = [&](const std::string& fence) {
    return verdict({"spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); spin_lock(l); " + fence +
                        " int r0 = READ_ONCE(*y); spin_unlock(l);",
                    "WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x);"},
                   "0:r0=0 /\\ 1:r0=0");
  };
  EXPECT_EQ(store_load(""), "Sometimes");
  EXPECT_EQ(store_load("smp_mb__after_unlock_lock();"), "Never");
  EXPECT_EQ(store_load("smp_mb__after_spinlock();"), "Never");
}

TEST(KernelFacts, OperationsThatFail) {
  const std::string other = "WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x);";
  const auto store_load = [&](const std::string& between) {
    return verdict({"WRITE_ONCE(*x, 1); " + between + " int r1 = READ_ONCE(*y);", other}, "0:r1=0 /\\ 1:r0=0");
  };
  EXPECT_EQ(store_load("int r0 = cmpxchg(z, 0, 1);"), "Never");
  EXPECT_EQ(store_load("int r0 = cmpxchg(z, 1, 2);"), "Sometimes");
  EXPECT_EQ(store_load("int r0 = cmpxchg(z, 1, 2); smp_mb__after_atomic();"), "Never");
  EXPECT_EQ(store_load("int r0 = atomic_add_unless(z, 1, 0);"), "Sometimes");
  EXPECT_EQ(store_load("int r0 = atomic_add_unless(z, 1, 5);"), "Never");
  EXPECT_EQ(store_load("int r0 = xchg(z, 1);"), "Never");
  EXPECT_EQ(store_load("int r0 = xchg_acquire(z, 1);"), "Sometimes");
  EXPECT_EQ(store_load("int r0 = xchg_release(z, 1);"), "Sometimes");
  EXPECT_EQ(store_load("atomic_inc(z);"), "Sometimes");
  EXPECT_EQ(store_load("atomic_inc(z); smp_mb__after_atomic();"), "Never");
  EXPECT_EQ(store_load("smp_mb__before_atomic(); atomic_inc(z);"), "Never");
  EXPECT_EQ(store_load("WRITE_ONCE(*z, 1); smp_mb__after_atomic();"), "Sometimes");
  EXPECT_EQ(store_load("atomic_set(z, 1); smp_mb__after_atomic();"), "Sometimes");
}

TEST(KernelFacts, GracePeriods) {
  const std::string seen = "0:r0=1 /\\ 0:r1=0";
  const std::string updater = "WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1);";
  const std::string reads = "int r0 = READ_ONCE(*y); int r1 = READ_ONCE(*x);";
  EXPECT_EQ(verdict({"rcu_read_lock(); " + reads + " rcu_read_unlock();", updater}, seen), "Never");
  EXPECT_EQ(verdict({reads, updater}, seen), "Sometimes");
  // What was published before a grace period may be freed after it; a plain reader is safe inside its section only.
  const std::string unpublish = "WRITE_ONCE(*p, 1); synchronize_rcu(); *x = 7;";
  const std::string read = "int r0 = READ_ONCE(*p); if (r0 == 0) { int r1 = *x; }";
  EXPECT_EQ(verdict({"rcu_read_lock(); " + read + " rcu_read_unlock();", unpublish}, "0:r0=0"), "Sometimes");
  EXPECT_EQ(verdict({"rcu_read_lock(); rcu_read_unlock(); " + read, unpublish}, "0:r0=0"), "Sometimes data-race");
}

TEST(KernelFacts, SleepableSections) {
  const auto reader = [&](const std::string& lock, const std::string& unlock) {
    return "int r2 = srcu_read_lock(" + lock + "); int r0 = READ_ONCE(*y); int r1 = READ_ONCE(*x); srcu_read_unlock(" +
           unlock + ", r2);";
  };
  const std::string seen = "0:r0=1 /\\ 0:r1=0";
  EXPECT_EQ(verdict({reader("ss", "ss"), "WRITE_ONCE(*x, 1); synchronize_srcu(ss); WRITE_ONCE(*y, 1);"}, seen),
            "Never");
  EXPECT_EQ(verdict({reader("ss", "ss"), "WRITE_ONCE(*x, 1); synchronize_srcu(tt); WRITE_ONCE(*y, 1);"}, seen),
            "Sometimes");
  EXPECT_EQ(verdict({reader("ss", "ss"), "WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1);"}, seen),
            "Sometimes");
  // The index goes to another CPU, which ends the section.
  const std::string begins =
      "int r2 = srcu_read_lock(ss); int r0 = READ_ONCE(*y); WRITE_ONCE(*z, r2); smp_store_release(p, 1);";
  const std::string ends =
      "int r0 = smp_load_acquire(p); if (r0 == 1) { int r2 = READ_ONCE(*z); int r1 = READ_ONCE(*x); "
      "srcu_read_unlock(ss, r2); }";
  const std::string updater = "WRITE_ONCE(*x, 1); synchronize_srcu(ss); WRITE_ONCE(*y, 1);";
  EXPECT_EQ(verdict({begins, ends, updater}, "0:r0=1 /\\ 1:r0=1 /\\ 1:r1=0"), "Never unmatched-srcu-lock");
}

TEST(KernelFacts, PlainAccesses) {
  EXPECT_EQ(verdict({"*x = 1;", "int r0 = *x; int r1 = *x;"}, "1:r0=1 /\\ 1:r1=0"), "Never data-race");
  EXPECT_EQ(verdict({"spin_lock(l); *x = 1; spin_unlock(l);", "spin_lock(l); int r0 = *x; spin_unlock(l);"}, "1:r0=1"),
            "Sometimes");
  EXPECT_EQ(verdict({"*x = 1; WRITE_ONCE(*x, 2);"}, "x=2"), "Always mixed-accesses");
}

}  // namespace
}  // namespace rcufarm::litmus

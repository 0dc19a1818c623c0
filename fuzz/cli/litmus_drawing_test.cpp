// Executions as diagrams: columns, what was read from where, and what was not seen yet.
#include "cli/litmus_drawing.h"

#include <gtest/gtest.h>

#include "litmus/check.h"
#include "report/text.h"

namespace rcufarm::cli {
namespace {

std::string drawn(const std::string& text) {
  const litmus::Checked checked = litmus::check(text, "t", nullptr);
  if (!checked.witness) {
    ADD_FAILURE() << "no witness: " << checked.why;
    return "";
  }
  return report::to_text(draw(*checked.witness, *checked.program, "title"));
}

TEST(LitmusDrawing, AReadSaysWhereItsValueIsFrom) {
  EXPECT_EQ(
      drawn("C t\n{}\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1); }\n"
            "P1(int *x, int *y) { r0 = smp_load_acquire(y); r1 = *x; }\nexists (1:r0=1 /\\ 1:r1=0)"),
      "title\n\n"
      "    P0                                          P1\n"
      "    |                                           |\n"
      " 1  store(x, 1)                                 |\n"
      " 2  store(y, 1)                                 |\n"
      " 3  |                                           load(y, acquire) -> 1   [from 2]\n"
      " 4  |                                           load(x, plain) -> 0   [from the start; 1 is newer]\n\n"
      "[from N]: it read what step N stored. [N is newer]: step N had stored already, and it was not seen\nyet.\n");
}

TEST(LitmusDrawing, AStoreMayTakeItsPlaceBehindAnother) {
  const std::string text = drawn(
      "C t\n{}\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 2); }\n"
      "P1(int *x, int *y) { WRITE_ONCE(*y, 1); WRITE_ONCE(*x, 2); }\nexists (x=1 /\\ y=1)");
  EXPECT_NE(text.find("[older than "), std::string::npos) << text;
  EXPECT_NE(text.find("in its location's order it comes before"), std::string::npos) << text;
}

TEST(LitmusDrawing, ALockIsOneStep) {
  const std::string text = drawn(
      "C t\n{}\nP0(int *x, spinlock_t *s) { spin_lock(s); r0 = xchg(x, 2); spin_unlock(s); }\n"
      "P1(int *x, spinlock_t *s) { r0 = spin_trylock(s); }\nexists (1:r0=0)");
  EXPECT_NE(text.find(" 1  lock(s)   [from the start]"), std::string::npos) << text;
  EXPECT_NE(text.find("spin_trylock(s) -> 0   [from 1]"), std::string::npos) << text;
  EXPECT_NE(text.find("rmw store(x, 2, full barrier)"), std::string::npos) << text;
  EXPECT_EQ(text.find("store(s"), std::string::npos) << text;
}

TEST(LitmusDrawing, GracePeriodsAndAddresses) {
  const std::string text = drawn(
      "C t\n{ y = z; }\nP0(int *x, int *y, struct srcu_struct *ss) { rcu_read_lock(); smp_wmb(); rcu_read_unlock();\n"
      "synchronize_rcu(); r1 = srcu_read_lock(ss); srcu_read_unlock(ss, r1); synchronize_srcu(ss);\n"
      "r0 = READ_ONCE(*y); }\nexists (0:r0=z)");
  for (const char* step : {"rcu_read_lock()", "smp_wmb()", "synchronize_rcu()", "srcu_read_lock(ss) -> 0",
                           "srcu_read_unlock(ss, 0)", "synchronize_srcu(ss)", "load(y) -> z"}) {
    EXPECT_NE(text.find(step), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace rcufarm::cli

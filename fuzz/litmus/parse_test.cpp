// Reading litmus tests: what is understood, and what each kind of bad input is told.
#include "litmus/parse.h"

#include <gtest/gtest.h>

#include "litmus/address.h"
#include "litmus/interpret.h"

namespace rcufarm::litmus {
namespace {

LitmusTest taken(std::string_view text) {
  auto result = parse(text, "t.litmus");
  if (const auto* error = std::get_if<ParseError>(&result)) {
    ADD_FAILURE() << to_string(*error);
    return {};
  }
  return std::get<LitmusTest>(std::move(result));
}

ParseError refused(std::string_view text) {
  auto result = parse(text, "t.litmus");
  if (const auto* error = std::get_if<ParseError>(&result)) return *error;
  ADD_FAILURE() << "it was taken: " << text;
  return {};
}

std::string with_body(const std::string& body) {
  return "C t\n{}\nP0(int *x, int *y)\n{\n" + body + "\n}\nexists (0:r0=1)\n";
}

constexpr const char* mp_text = R"(C MP+test

(*
 * Result: Sometimes DATARACE
 * With a { brace (* and a comment inside *) of a comment.
 *)

{ int x = 0; 1:r5 = y; [y] = -2; int *p = &x; atomic_t a = ATOMIC_INIT(7); spinlock_t l; q = x; }

P0(int *x, int *y)   // writes
{
	WRITE_ONCE(*x, 1); /* first */
	smp_wmb();
	WRITE_ONCE(*y, 1);
}

(* between *)
P1(int *x, volatile int *y)
{
	int r0;
	int *r1 = (int *)READ_ONCE(*y);

	r0 = READ_ONCE(*x);
}

locations [x; 1:r5; [y]]
filter (1:r0=0 \/ ~(1:r0=1))
exists (1:r1=1 /\ 1:r0=0 /\ x=1)
)";

TEST(LitmusParse, ATest) {
  const LitmusTest test = taken(mp_text);
  EXPECT_EQ(test.name, "MP+test");
  EXPECT_EQ(test.result, "Sometimes");
  EXPECT_TRUE(test.result_races);
  EXPECT_TRUE(test.uses_kernel);
  EXPECT_FALSE(test.uses_c11);
  ASSERT_EQ(test.threads.size(), 2U);
  EXPECT_EQ(test.threads[0].body.size(), 3U);
  EXPECT_EQ(test.threads[1].body.size(), 2U);
  EXPECT_EQ(test.shown.size(), 3U);
  EXPECT_TRUE(test.filtered);
  EXPECT_EQ(test.condition.kind, Prop::Kind::conjunction);
  EXPECT_EQ(test.condition.parts.size(), 3U);
}

TEST(LitmusParse, Names) {
  const auto name = [](const std::string& head) {
    return taken(head + "\n{}\nP0(int *x) { *x = 1; }\nexists (x=1)").name;
  };
  EXPECT_EQ(name("C MP+a-b_c.d[1]"), "MP+a-b_c.d[1]");
  EXPECT_EQ(name("C MP.litmus \"a { comment\""), "MP");
  EXPECT_EQ(name("\n(* first *)\nC --"), "t");
}

TEST(LitmusParse, TheInitialState) {
  const LitmusTest test = taken(mp_text);
  const auto initial = [&](const std::string& name) {
    for (const NamedLocation& one : test.locations) {
      if (one.name == name) return one.initial;
    }
    ADD_FAILURE() << "no " << name;
    return Value{0};
  };
  EXPECT_EQ(initial("y"), -2);
  EXPECT_EQ(initial("a"), 7);
  EXPECT_EQ(initial("l"), 0);
  ASSERT_EQ(test.locations[0].name, "x");
  EXPECT_EQ(initial("p"), address_of(0));
  EXPECT_EQ(initial("q"), address_of(0));
  const auto& registers = test.threads[1].registers;
  EXPECT_EQ(registers[0].initial, address_of(0));  // the parameter x
  bool found = false;
  for (const Register& reg : registers) {
    if (reg.name != "r5") continue;
    found = true;
    EXPECT_EQ(location_at(reg.initial), location_at(registers[1].initial));  // y
  }
  EXPECT_TRUE(found);
}

TEST(LitmusParse, ConditionsBindAsInHerd7) {
  const auto condition = [](const std::string& text) {
    return taken("C t\n{}\nP0(int *x)\n{ r0 = *x; }\n" + text).condition;
  };
  // => is stronger than /\, which is stronger than \/.
  const Prop prop = condition("exists (x=1 \\/ x=2 /\\ x=3 => x=4)");
  EXPECT_EQ(prop.kind, Prop::Kind::disjunction);
  ASSERT_EQ(prop.parts.size(), 2U);
  EXPECT_EQ(prop.parts[1].kind, Prop::Kind::conjunction);
  EXPECT_EQ(prop.parts[1].parts[1].kind, Prop::Kind::implication);
  EXPECT_EQ(condition("forall (true)").kind, Prop::Kind::truth);
  EXPECT_EQ(condition("exists x != 0 /\\ not (0:r0 = x)").kind, Prop::Kind::conjunction);
  EXPECT_EQ(condition("exists 0:r0 = *x").kind, Prop::Kind::equals_place);
  EXPECT_EQ(condition("exists [x]=0:r0").kind, Prop::Kind::equals_place);
  EXPECT_EQ(condition("").kind, Prop::Kind::truth);
  EXPECT_EQ(taken("C t\n{}\nP0(int *x)\n{ *x = 1; }\n").quantifier, Quantifier::forall);
  EXPECT_EQ(taken("C t\n{}\nP0(int *x)\n{ *x = 1; }\n~exists (x=1)").quantifier, Quantifier::not_exists);
  EXPECT_EQ(taken("C t\n{}\nP0(int *x)\n{ *x = 1; }\nforall (x=1)").quantifier, Quantifier::forall);
}

TEST(LitmusParse, EachStatementAndPrimitive) {
  for (const char* body : {
           "smp_store_release(x, 1); r0 = smp_load_acquire(y);",
           "smp_store_mb(*x, 1); smp_mb(); smp_rmb(); smp_wmb(); barrier();",
           "smp_mb__before_atomic(); atomic_inc(x); smp_mb__after_atomic();",
           "spin_lock(x); smp_mb__after_spinlock(); spin_unlock(x); smp_mb__after_unlock_lock();",
           "r0 = spin_trylock(x); if (r0) spin_unlock(x); else r1 = spin_is_locked(x);",
           "rcu_read_lock(); r0 = rcu_dereference(*x); rcu_read_unlock(); synchronize_rcu_expedited();",
           "rcu_assign_pointer(*x, y); synchronize_rcu();",
           "int r0 = srcu_read_lock(x); srcu_read_unlock(x, r0); synchronize_srcu(x); "
           "smp_mb__after_srcu_read_unlock();",
           "r0 = srcu_down_read(x); srcu_up_read(x, r0); synchronize_srcu_expedited(x);",
           "r0 = xchg(x, 1); r0 = xchg_relaxed(x, 1); r0 = atomic_xchg_acquire(x, 1); r0 = xchg_release(x, 1);",
           "r0 = cmpxchg(x, 0, 1); r0 = atomic_cmpxchg_relaxed(x, 0, r0 + 1);",
           "atomic_add(1, x); atomic_sub(r0, x); atomic_dec(x); atomic_or(1, x); atomic_andnot(1, x);",
           "r0 = atomic_add_return(1, x); r0 = atomic_sub_return_relaxed(1, x); r0 = atomic_inc_return_acquire(x);",
           "r0 = atomic_fetch_add_release(1, x); r0 = atomic_fetch_dec(x); r0 = atomic_fetch_xor(3, x);",
           "r0 = atomic_add_unless(x, 1, 5); r0 = atomic_dec_and_test(x); r0 = atomic_add_negative(-3, x);",
           "r0 = atomic_sub_and_test(1, x); r0 = atomic_inc_and_test(x); atomic_set(x, 4); r0 = atomic_read(x);",
           "atomic_set_release(x, 4); r0 = atomic_read_acquire(x);",
           "*x = 1; r0 = *y; **x = 3; *(int *)x = r0; r1 = *(x);",
           "(void)xchg(x, 1); xchg(x, 1); *x;",
           "int r0, *r1 = x; if (r0 == 1) { *y = 1; { ; } } else if (r0 & 2 | r0 ^ 1) *y = 2;",
           "while (READ_ONCE(*x) != 1) { r0 = r0 + 1; }",
           "r0 = (r1 + 2) * -3 - 4 / 2 < (r2 == 1) ; r0 = (intptr_t)x;",
           "if (READ_ONCE(*x) == 1) { WRITE_ONCE(*y, READ_ONCE(*x)); }",
       }) {
    SCOPED_TRACE(body);
    taken(with_body(body));
  }
}

TEST(LitmusParse, C11) {
  const LitmusTest test = taken(
      "C t\n{ atomic_int x = 0; }\nP0(atomic_int *x, int *e) {\n"
      "  atomic_store_explicit(x, 1, memory_order_relaxed);\n"
      "  int r0 = atomic_load_explicit(x, memory_order_seq_cst);\n"
      "  r1 = atomic_exchange_explicit(x, 2, memory_order_acq_rel);\n"
      "  r2 = atomic_fetch_add_explicit(x, 2, memory_order_release);\n"
      "  atomic_fetch_or_explicit(x, 2, memory_order_release);\n"
      "  r3 = atomic_compare_exchange_strong_explicit(x, e, 2, memory_order_acquire, memory_order_relaxed);\n"
      "  atomic_thread_fence(memory_order_seq_cst);\n"
      "}\nexists (0:r0=1)\n");
  EXPECT_TRUE(test.uses_c11);
  EXPECT_FALSE(test.uses_kernel);
}

struct Bad {
  const char* text;
  unsigned line;
  const char* construct;
  ParseError::Kind kind;
};

TEST(LitmusParse, WhatIsNoLitmusTestIsToldWhere) {
  constexpr auto malformed = ParseError::Kind::malformed;
  constexpr auto unsupported = ParseError::Kind::unsupported;
  for (const Bad& bad : {
           Bad{"", 1, "the file", malformed},
           Bad{"hello world\n", 1, "`hello`", malformed},
           Bad{"C\n{}\n", 1, "`C`", malformed},
           Bad{"PPC MP\n{}\n", 1, "`PPC`", unsupported},
           Bad{"C t\n", 2, "the end of the file", malformed},
           Bad{"C t\n(* no end\n", 2, "(*", malformed},
           Bad{"C t\n{ int x = ; }\n", 2, "`;`", malformed},
           Bad{"C t\n{ int x[2]; }\n", 2, "`x`", unsupported},
           Bad{"C t\n{ x = 99999999999; }\n", 2, "`99999999999`", unsupported},
           Bad{"C t\n{ x = 1 y = 2; }\n", 2, "`y`", malformed},
           Bad{"C t\n{ 3:r0 = 1; }\nP0(int *x) { }\nexists (x=1)", 2, "`3:r0`", malformed},
           Bad{"C t\n{}\nexists (x=1)", 3, "`exists`", malformed},
           Bad{"C t\n{}\nP1(int *x) {}\nexists (x=1)", 3, "`P1`", malformed},
           Bad{"C t\n{}\nP0(__int128 *x) {}\nexists (x=1)", 3, "`__int128`", unsupported},
           Bad{"C t\n{}\nP0(volatile __int128 *x) {}\nexists (x=1)", 3, "`__int128`", unsupported},
           Bad{"C t\n{}\nP0(int *x) { __int128 r0; }\nexists (x=1)", 3, "`__int128`", unsupported},
           Bad{"C t\n{}\nP0(int *x) { r0 = __load{once}(*x); }\nexists (x=1)", 3, "`{`", unsupported},
           Bad{"C t\n{}\nP0(x) {}\nexists (x=1)", 3, "`x`", malformed},
           Bad{"C t\n{}\nP0(struct foo *x) {}\nexists (x=1)", 3, "`foo`", unsupported},
           Bad{"C t\n{}\nP0(int *x) {\n *x = 1;\n", 5, "the end of the file", malformed},
           Bad{"C t\n{}\nP0(int *x) {\n *x = 1\n}\nexists (x=1)", 5, "`}`", malformed},
           Bad{"C t\n{}\nP0(int *x) { /* }\nexists (x=1)", 3, "/*", malformed},
           Bad{"C t\n{}\nP0(int *x) { }\nexists (1:r0=1)", 4, "`1`", malformed},
           Bad{"C t\n{}\nP0(int *x) { }\nexists (x=1", 4, "the end of the file", malformed},
           Bad{"C t\n{}\nP0(int *x) { }\nexists (x=1) y", 4, "`y`", malformed},
           Bad{"C t\n{}\nP0(int *x) { }\nexists (x)", 4, "`)`", malformed},
           Bad{"C t\n{}\nP0(int *x) { }\nobserved x=1;", 4, "`observed`", unsupported},
       }) {
    SCOPED_TRACE(bad.text);
    const ParseError error = refused(bad.text);
    EXPECT_EQ(error.line, bad.line);
    EXPECT_EQ(error.construct, bad.construct);
    EXPECT_EQ(error.kind, bad.kind);
    EXPECT_FALSE(error.help.empty());
    EXPECT_TRUE(to_string(error).starts_with("t.litmus:")) << to_string(error);
  }
}

TEST(LitmusParse, WhatIsNotSupportedIsNamed) {
  struct Construct {
    const char* body;
    const char* construct;
  };
  for (const Construct& one : {
           Construct{"for (;;) ;", "`for`"},
           Construct{"do { } while (1);", "`do`"},
           Construct{"goto out;", "`goto`"},
           Construct{"r0 = r1 && r2;", "`&&`"},
           Construct{"r0 = r1 << 2;", "`<<`"},
           Construct{"r0 = r1 ? 1 : 2;", "`?`"},
           Construct{"r0 = !r1;", "`!`"},
           Construct{"r0 = r1 % 2;", "`%`"},
           Construct{"r0++;", "`++`"},
           Construct{"r0 += 2;", "`+=`"},
           Construct{"r0 = &x;", "`&`"},
           Construct{"r0 = x[1];", "`[`"},
           Construct{"r0 = x->next;", "`->`"},
           Construct{"int a[2];", "`a`"},
           Construct{"r0 = test_and_set_bit(0, x);", "`test_and_set_bit`"},
           Construct{"call_rcu(x, f);", "`call_rcu`"},
           Construct{"r0 = atomic_add_return_once(1, x);", "`atomic_add_return_once`"},
           Construct{"r0 = atomic_and_return(1, x);", "`atomic_and_return`"},
           Construct{"r0 = xchg_acq_rel(x, 1);", "`xchg_acq_rel`"},
           Construct{"r0 = atomic_load_explicit(x, memory_order_consume);", "`memory_order_consume`"},
       }) {
    SCOPED_TRACE(one.body);
    const ParseError error = refused(with_body(one.body));
    EXPECT_EQ(error.kind, ParseError::Kind::unsupported);
    EXPECT_EQ(error.construct, one.construct);
    EXPECT_EQ(error.line, 5U);
  }
}

TEST(LitmusParse, CallsAreChecked) {
  for (const char* body :
       {"r0 = smp_mb();", "r0 = atomic_inc(x);", "smp_mb(x);", "r0 = READ_ONCE(x);", "WRITE_ONCE(x, 1);",
        "WRITE_ONCE(*x);", "r0 = xchg(x);", "r0 = READ_ONCE(READ_ONCE(*x));", "r0 = (1 == 2 == 3);",
        "atomic_thread_fence(release);", "r0 = ;", "if r0 { }", "x 1;", ")"}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(refused(with_body(body)).kind, ParseError::Kind::malformed);
  }
}

TEST(LitmusParse, LimitsAreNamed) {
  const auto told = [](const std::string& text) {
    const ParseError error = refused(text);
    EXPECT_EQ(error.kind, ParseError::Kind::unsupported) << to_string(error);
    return to_string(error);
  };
  std::string many = "C t\n{}\n";
  for (unsigned i = 0; i <= Limits::threads_max; ++i) many += "P" + std::to_string(i) + "(int *x) { *x = 1; }\n";
  EXPECT_NE(told(many).find("may have 32 processes"), std::string::npos);
  std::string accesses;
  for (unsigned i = 0; i <= Limits::events_max; ++i) accesses += "*x = 1;";
  EXPECT_NE(told(with_body(accesses)).find("64 accesses"), std::string::npos);
  EXPECT_NE(told(with_body("while (*x) while (*x) while (*x) while (*x) while (*x) *y = 1;")).find("loops"),
            std::string::npos);
  const std::string deep(10'000, '(');
  EXPECT_NE(told(with_body("r0 = " + deep)).find("levels deep"), std::string::npos);
  EXPECT_NE(told(with_body(std::string(10'000, '{'))).find("levels deep"), std::string::npos);
  EXPECT_NE(told("C t\n{}\nP0(int *x) { }\nexists " + deep).find("levels deep"), std::string::npos);
  EXPECT_NE(told("C t\n{}\nP0(int *x) { }\nexists " + std::string(10'000, '~')).find("levels deep"), std::string::npos);
  std::string implied = "C t\n{}\nP0(int *x) { }\nexists x=0";
  for (unsigned i = 0; i < 1000; ++i) implied += " => x=0";
  EXPECT_NE(told(implied).find("levels deep"), std::string::npos);
  EXPECT_NE(told("C " + std::string(Limits::bytes_max, 't')).find("bytes"), std::string::npos);
  std::string names = "C t\n{";
  for (unsigned i = 0; i <= Limits::locations_max; ++i) names += " x" + std::to_string(i) + ";";
  EXPECT_NE(told(names).find("locations"), std::string::npos);
  std::string registers;
  for (unsigned i = 0; i <= Limits::registers_max; ++i) registers += "r" + std::to_string(i) + "=0;";
  EXPECT_NE(told(with_body(registers)).find("registers"), std::string::npos);
}

// Every beginning of a test, and the test with one character changed, is read or refused.
TEST(LitmusParse, NothingCrashes) {
  const std::string whole = mp_text;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    (void)parse(std::string_view(whole).substr(0, i), "t");
    for (const char c : {'(', ')', '{', '}', '*', '"', '/', ':', '\0', '\xff', '1', ';', '-'}) {
      std::string changed = whole;
      changed[i] = c;
      auto result = parse(changed, "t");
      if (const auto* error = std::get_if<ParseError>(&result)) {
        EXPECT_FALSE(error->construct.empty());
      }
    }
  }
}

}  // namespace
}  // namespace rcufarm::litmus

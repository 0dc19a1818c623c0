"""Tests of the mutation script: what is found in a source, what is made of it, and how the list is matched."""

import sys
import unittest

sys.dont_write_bytecode = True

import argued
import build
import operators
import score
from statements import NotUnderstood, functions

SOURCE = '''
namespace a {
// if (never) { x(); }
class Guard {
 public:
  explicit Guard(Cache& c) : active_(c.active), held_(!c.active.get()) {
    if (held_) active_.set(true);
  }
  ~Guard() { active_.set(false); }
};
constexpr int table[] = {1, 2, 3};
inline int drain(Cache& c) noexcept {
  const kernel::IrqGuard irq_off;
  int n = 0;
  for (Node* node = c.list.del_all(); node != nullptr;) {
    node = next(node);
    ++n;
  }
  c.flag.store(0, Order::release);
  return n;
}
void refill(Cache& c) {
  const ActiveGuard active(c);
  if (active) drain(c);
  else { count(c); }
  switch (c.kind) {
    case Kind::one: c.one(); break;
    case Kind::two: break;
  }
  each([&](Cache& other) { drain(other); other.count.add(1); });
}
}  // namespace a
'''


def made(kind=None):
    return [m for m in operators.mutants_of({"x.cpp": SOURCE}) if kind in (None, m.kind)]


def whats(kind):
    return [m.what for m in made(kind)]


class Statements(unittest.TestCase):
    def test_functions_are_found_and_initialisers_are_not(self):
        self.assertEqual([f.name for f in functions(SOURCE)], ["Guard", "~Guard", "drain", "refill"])

    def test_statements_of_each_block(self):
        drain = functions(SOURCE)[2]
        sizes = sorted(len(block) for block in drain.blocks)
        self.assertEqual(sizes, [2, 5])

    def test_blocks_of_lambdas_and_of_lone_statements(self):
        refill = functions(SOURCE)[3]
        texts = [[SOURCE[s.begin:s.end] for s in block] for block in refill.blocks]
        self.assertIn(["drain(c);"], texts)
        self.assertIn(["drain(other);", "other.count.add(1);"], texts)

    def test_what_is_not_understood_is_an_error(self):
        with self.assertRaises(NotUnderstood):
            functions("void f() { g(; }")


class Operators(unittest.TestCase):
    def test_orders(self):
        self.assertEqual(whats("order"), ["release -> relaxed in: c.flag.store(0, Order::release);"])

    def test_guards_are_dropped_and_one_that_is_asked_says_yes(self):
        self.assertIn("without: const kernel::IrqGuard irq_off;", whats("guard"))
        active = [m for m in made("guard") if "ActiveGuard" in m.what]
        self.assertEqual(len(active), 1)
        self.assertIn("const bool active = true;", active[0].text)
        self.assertIn("without: active_.set(false);", whats("guard"))

    def test_drains_give_nothing_and_calls_of_them_are_dropped(self):
        self.assertEqual(sum("takes nothing" in what for what in whats("drain")), 1)
        self.assertEqual(whats("drain").count("without: drain(c);"), 1)
        self.assertEqual(whats("drain").count("without: drain(other);"), 1)

    def test_neighbours_are_swapped_and_labels_are_not(self):
        self.assertIn("++n; before: node = next(node);", whats("swap"))
        self.assertFalse([what for what in whats("swap") if "case" in what.split("before:")[0][:5]])

    def test_lines_stay_where_they_are(self):
        for mutant in made():
            if mutant.kind != "swap":
                self.assertEqual(mutant.text.count("\n"), SOURCE.count("\n"), mutant.what)

    def test_ids_are_distinct_and_depend_on_the_functions_code_alone(self):
        before = {m.what: m.id for m in made()}
        self.assertEqual(len(set(before.values())), len(made()))
        changed = operators.mutants_of({"x.cpp": SOURCE.replace("int n = 0;", "int n = 1;")})
        for mutant in changed:
            if mutant.function == "refill":
                self.assertEqual(mutant.id, before[mutant.what])
            elif mutant.function == "drain":
                self.assertNotIn(mutant.id, before.values())


class Argued(unittest.TestCase):
    def test_entries_match_by_id_and_rules_by_expression(self):
        mutants = made()
        one = mutants[0]
        text = f"{argued.head_of(one)}\n    because\nrule all-guards guard without: const\n    since\n"
        listed, stale = argued.match(argued.read(text), mutants)
        self.assertEqual(stale, [])
        self.assertIn(one.id, listed)
        self.assertEqual(sum(m.kind == "guard" for m in mutants if m.id in listed and m.id != one.id), 2)

    def test_an_entry_for_code_that_is_gone_is_stale(self):
        _, stale = argued.match(argued.read("0123456789 swap x.cpp f | a before: b\n    because\n"), made())
        self.assertEqual(len(stale), 1)

    def test_entries_in_a_row_share_a_reason_and_none_is_without(self):
        entries = argued.read("0123456789 swap a\nabcdef0123 swap b\n    both\n")
        self.assertEqual([entry.reason.strip() for entry in entries], ["both", "both"])
        with self.assertRaises(argued.Malformed):
            argued.read("0123456789 swap a\n")
        with self.assertRaises(argued.Malformed):
            argued.read("not an entry\n    because\n")


class Build(unittest.TestCase):
    def test_a_header_reaches_who_includes_it(self):
        sources = {"a.h": "", "b.h": '#include "mem/a.h"', "b.cpp": '#include "mem/b.h"', "c.cpp": "", "mem_alloc.h": ""}
        self.assertEqual(build.reaches(sources, "a.h"), {"b.cpp"})
        self.assertEqual(build.reaches(sources, "c.cpp"), {"c.cpp"})
        self.assertEqual(build.reaches(sources, "mem_alloc.h"), {"adapter"})

    def test_every_line_has_the_same_number_but_inside_a_continued_one(self):
        self.assertEqual(build.numbered_alike("a\nb \\\nc"), "#line 1\na\n#line 1\nb \\\nc")


class Scores(unittest.TestCase):
    class Results:
        def __init__(self, statuses):
            self.statuses = statuses

        def load(self, mutant):
            return {"status": self.statuses.get(mutant.id, "missed"), "by": "", "seconds": 1}

    def test_same_code_and_no_program_do_not_count_and_argued_ones_do_not_either(self):
        mutants = made()[:5]
        ids = [mutant.id for mutant in mutants]
        results = self.Results({ids[0]: "found", ids[1]: "same-object", ids[2]: "no-compile", ids[3]: "missed"})
        result = score.Score(mutants, {ids[4]: None}, [], results)
        self.assertEqual((result.counted("all"), result.caught("all")), (2, 1))
        self.assertFalse(result.complete())
        self.assertIn("Missed", result.as_text())

    def test_an_argued_one_that_is_found_is_shown(self):
        mutants = made()[:1]
        result = score.Score(mutants, {mutants[0].id: None}, [], self.Results({mutants[0].id: "found"}))
        self.assertFalse(result.complete())
        self.assertIn("the argument is wrong", result.as_text())


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""rules.py: which rule a version has is read from its tree. The trees are of ours, with a version's calls and nothing else."""

import sys

sys.dont_write_bytecode = True

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
ASKS = """
static void freed(struct rcu_head *head) { free(head); }
static void waited(struct rcu_head *head)
{
	if (rcu_trace_implies_rcu_gp())
		freed(head);
	else
		call_rcu(head, freed);
}
static void start(struct cache *c) { call_rcu_tasks_trace(&c->rcu, waited); }
"""
RELIES = """
/* rcu_trace_implies_rcu_gp() is true: "call_rcu(head, freed)" is left out. */
static void freed(struct rcu_head *head)
{
	free(head);
}
static void start(struct cache *c) { call_rcu_tasks_trace(&c->rcu, freed); }
"""
WAITS_TWICE = """
static void waited(struct rcu_head *head)
{
	call_rcu(head, freed);
}
static void start(struct cache *c) { call_rcu_tasks_trace(&c->rcu, waited); }
"""
REGULAR = "static void start(struct cache *c) { call_rcu(&c->rcu, freed); }\n"
NOBODY = "static void init(void) { cache = kmem_cache_create(name, size, 8, SLAB_TYPESAFE_BY_RCU, NULL); }\n"


class Rules(unittest.TestCase):
    def setUp(self):
        self.tree = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.tree)

    def write(self, name, text):
        (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / name).write_text(text)

    def rules(self, file, *arguments):
        if file is not None:
            self.write("kernel/bpf/memalloc.c", file)
        done = subprocess.run([HERE / "rules.py", self.tree, *arguments], capture_output=True, text=True)
        words = [line.rsplit("// ", 1)[1] for line in done.stdout.splitlines() if "  // " in line and line.startswith("#define")][:2]
        return (done.returncode, *words), done.stderr

    def test_who_asks_gets_both_answers(self):
        rules, said = self.rules(ASKS)
        self.assertEqual(rules, (0, "either", "both"))
        self.assertIn("the file asks rcu_trace_implies_rcu_gp()", said)

    def test_who_does_not_ask_relies_on_it(self):
        self.assertEqual(self.rules(RELIES)[0], (0, "always", "both"))
        self.write("include/linux/rcupdate_trace.h", "#include <linux/srcu.h>\n")
        rules, said = self.rules(RELIES)
        self.assertEqual(rules, (0, "always", "both"))
        self.assertIn("on SRCU", said)

    def test_a_kernel_that_promises_nothing_is_held_to_it(self):
        self.write("include/linux/rcupdate.h", "void rcu_read_lock(void); /* no rcu_trace_implies_rcu_gp() */\n")
        self.assertEqual(self.rules(RELIES)[0], (0, "never", "both"))
        self.assertEqual(self.rules(WAITS_TWICE)[0], (0, "either", "both"))
        self.write("include/linux/rcupdate.h", "static inline bool rcu_trace_implies_rcu_gp(void) { return true; }\n")
        self.assertEqual(self.rules(RELIES)[0], (0, "always", "both"))

    def test_whom_early_versions_wait_for(self):
        self.assertEqual(self.rules(REGULAR)[0], (0, "always", "regular"))
        self.assertEqual(self.rules(NOBODY)[0], (0, "always", "none"))

    def test_what_the_file_uses_is_told(self):
        said = self.rules(ASKS + "void f(void) { irq_work_queue(w); p = kmalloc_nolock(8, 0, -1); /* GFP_ATOMIC */ }\n")[1]
        self.assertIn("the file allocates with kmalloc_nolock()", said)
        self.assertIn("the file refills from irq_work", said)
        self.assertNotIn("GFP_ATOMIC", said)

    def test_who_has_per_cpu_objects_of_any_size(self):
        for file, kind in ((ASKS, "none"), (ASKS + "int init(bool percpu) { ma->percpu = percpu; }\n", "init"),
                           (ASKS + "int init(bool percpu) { if (percpu && size == 0) return 1; ma->percpu = percpu; }\n", "none"),
                           (ASKS + "int bpf_mem_alloc_percpu_unit_init(struct bpf_mem_alloc *ma, int size);\n", "unit_init")):
            self.assertIn(f"made? {kind}: ", self.rules(file)[1])

    def test_a_patch_cannot_take_a_promise_away(self):
        self.write("origin/kernel/bpf/memalloc.c", WAITS_TWICE)
        self.assertEqual(self.rules(REGULAR)[0][2], "both")

    def test_the_user_has_the_last_word(self):
        rules, said = self.rules(ASKS, "RULE_TRACE_IMPLIES_RCU_GP=never", "RULE_READERS=regular", "RULE_KMALLOC_MIN_SIZE=64", "CONFIG_SMP=0")
        self.assertEqual(rules, (0, "never", "regular"))
        self.assertEqual(said.count("--config says so"), 3)
        for wrong in ("RULE_READERS=all", "RULE_X=never", "X"):
            rules, said = self.rules(ASKS, wrong)
            self.assertEqual(rules, (2,))
            self.assertIn(f"{wrong} is no rule", said)

    def test_no_file(self):
        rules, said = self.rules(None)
        self.assertEqual(rules, (2,))
        self.assertIn("Give a tree of the kernel", said)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""options.py: what --config says reaches the build, and what would change nothing is told."""

import sys

sys.dont_write_bytecode = True

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent


class Options(unittest.TestCase):
    def setUp(self):
        self.copy = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.copy)
        (self.copy / "kernel/bpf").mkdir(parents=True)
        (self.copy / "kernel/bpf/memalloc.c").write_text("#ifdef CONFIG_OF_THE_FILE\n#endif\n")

    def said(self, words, target="linux"):
        done = subprocess.run([HERE / "options.py", target, self.copy, words], capture_output=True, text=True)
        return done.returncode, done.stdout.strip(), done.stderr

    def test_as_a_kernels_config_says_it(self):
        self.assertEqual(self.said("CONFIG_PREEMPT_RT=y CONFIG_MEMCG=n  CONFIG_OF_THE_FILE=1 RULE_READERS=regular")[:2],
                         (0, "CONFIG_PREEMPT_RT=1 CONFIG_MEMCG=0 CONFIG_OF_THE_FILE=1 RULE_READERS=regular"))
        self.assertEqual(self.said("")[:2], (0, ""))

    def test_an_option_that_nothing_asks_for_is_told(self):
        code, _, said = self.said("CONFIG_PREEMTP_RT=1")
        self.assertEqual(code, 2)
        self.assertIn("CONFIG_PREEMTP_RT is asked for nowhere", said)
        for name in ("CONFIG_PREEMPT_RT", "CONFIG_OF_THE_FILE", "CONFIG_MEMCG"):
            self.assertIn(name, said)

    def test_what_is_no_option_is_told(self):
        for word in ("CONFIG_PREEMPT_RT", "CONFIG_PREEMPT_RT=yes", "PREEMPT_RT=y", "-DX=1"):
            code, _, said = self.said(word)
            self.assertEqual(code, 2)
            self.assertIn(f"{word} is no option of the kernel", said)

    def test_a_pool_has_no_rules(self):
        code, _, said = self.said("RULE_READERS=regular", "objpool")
        self.assertEqual(code, 2)
        self.assertIn("objpool has none", said)


if __name__ == "__main__":
    unittest.main()

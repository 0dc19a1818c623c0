#!/usr/bin/env python3
"""Tests of the judge: its statistics against published values, its engines against a process that is one by name only."""
import math
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import engines  # noqa: E402  pylint: disable=wrong-import-position
import judge  # noqa: E402  pylint: disable=wrong-import-position
import peers  # noqa: E402  pylint: disable=wrong-import-position
import ranks  # noqa: E402  pylint: disable=wrong-import-position
import report  # noqa: E402  pylint: disable=wrong-import-position


class Ranks(unittest.TestCase):
    def test_exact(self):
        # All of three before all of three: one order of twenty, and its mirror image.
        self.assertAlmostEqual(ranks.p_value([1, 2, 3], [4, 5, 6]), 0.1)
        # Critical value of the tables for 5 and 5 at 0.05: U = 2.
        self.assertAlmostEqual(ranks.p_value([1, 2, 3, 4, 7], [5, 6, 8, 9, 10]), 8 / 252)
        self.assertLess(ranks.p_value([1, 2, 3, 4, 7], [5, 6, 8, 9, 10]), 0.05)
        self.assertGreater(ranks.p_value([1, 2, 3, 6, 7], [4, 5, 8, 9, 10]), 0.05)

    def test_all_orders_add_up(self):
        self.assertEqual(sum(ranks.ways(7, 9, u) for u in range(64)), math.comb(16, 7))

    def test_ties(self):
        self.assertEqual(ranks.p_value([math.inf] * 5, [math.inf] * 5), 1.0)
        # 20 hits against 20 misses is no chance; a miss more or less is.
        self.assertLess(ranks.p_value([1.0] * 20, [math.inf] * 20), 1e-6)
        self.assertGreater(ranks.p_value([1.0] * 19 + [math.inf], [1.0] * 20), 0.3)

    def test_approximation_is_near_the_exact_value(self):
        a, b = [i + 0.1 for i in range(0, 20)], [i * 1.3 for i in range(1, 21)]
        exact = ranks.p_value(a, b)
        tied = ranks.p_value(a + [100.0], b + [100.0])  # a tie: the approximation, on nearly the same
        self.assertAlmostEqual(exact, tied, delta=0.03)

    def test_chance(self):
        self.assertEqual(ranks.chance_to_be_faster([1, 2], [3, 4]), 1.0)
        self.assertEqual(ranks.chance_to_be_faster([1, 4], [2, 3]), 0.5)

    def test_holm(self):
        for got, wanted in zip(ranks.holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]):
            self.assertAlmostEqual(got, wanted)

    def test_median_of_misses(self):
        self.assertEqual(ranks.median([1, math.inf, 2]), 2)
        self.assertEqual(ranks.median([1, math.inf, math.inf]), math.inf)


class Records(unittest.TestCase):
    def test_what_was_measured_twice_counts_once(self):
        trials = [{"config": "afl", "defect": "01", "seed": 1, "seconds": 2}, {"config": "afl", "defect": "02", "seed": 1, "seconds": 3},
                  {"config": "afl", "defect": "01", "seed": 1, "seconds": 4}]
        self.assertEqual([t["seconds"] for t in judge.once_each(trials)], [2, 3])


class Budget(unittest.TestCase):
    def test_ends_at_its_budget_with_all_that_it_started(self):
        with tempfile.TemporaryDirectory() as name:
            used, _, _ = engines.spend(["sh", "-c", "sh -c 'while :; do :; done' & while :; do :; done"], {}, Path(name), 0.5)
            self.assertGreaterEqual(used, 0.5)
            end = time.monotonic() + 30  # a process that is killed is gone when the kernel comes to it
            while self.processes_in(name) and time.monotonic() < end:
                time.sleep(0.05)
            self.assertEqual(self.processes_in(name), [])

    def processes_in(self, folder):
        return [p for p in Path("/proc").glob("[0-9]*/cwd") if self.is_at(p, folder)]

    @staticmethod
    def is_at(link, folder):
        try:
            return str(link.readlink()) == folder
        except OSError:
            return False


class Report(unittest.TestCase):
    @staticmethod
    def trial(config, defect, seed, seconds):
        return {"config": config, "defect": defect, "seed": seed, "budget": 60, "found": seconds < 60, "seconds": seconds,
                "wall": seconds, "signature": ""}

    def test_table_and_pictures(self):
        trials = [self.trial("libfuzzer", "01", s, 1 + s / 95) for s in range(20)]
        trials += [self.trial("libfuzzer-edges", "01", s, 50 + s) for s in range(20)]
        curves = [{"config": "libfuzzer", "seed": 1, "budget": 60, "points": [(0, 0), (1, 30), (2, 40)]}]
        with tempfile.TemporaryDirectory() as name:
            lines = report.write(trials, curves, Path(name))
            self.assertIn("| 01 | 20/20 1.10 | 10/20 – |", lines)
            self.assertIn("| reads-from feedback, libFuzzer | 01 | none | none | 1.00 |", lines)
            for picture in ("found.svg", "pairs.svg"):
                root = xml.parse(Path(name) / picture).getroot()
                self.assertIn("libfuzzer", [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")])


class Peers(unittest.TestCase):
    def test_a_folder_that_is_no_checkout_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(peers.CannotMeasure, "no relacy/relacy.hpp there"):
                peers.compiled(Path(folder), Path(folder) / "work")

    def test_a_rate_is_of_what_the_program_says(self):
        self.assertAlmostEqual(peers.rate(["echo", "3000000 0.5"]), 6.0)
        with self.assertRaisesRegex(peers.CannotMeasure, "ended with 1"):
            peers.rate(["false"])


if __name__ == "__main__":
    unittest.main()

"""An adopted allocator under both fuzz engines, from the farm's search to the line that replays. python3 -m unittest, RCUFARM_BIN set.

RCUFARM_ADOPTED_BUILDS is the folder where ./farm adopt --engines has built the tutorial (fuzz/targets/examples) with a planted mistake:
lane `adopt` gives it. Without it nothing is tested, and that is said.
"""
import os
import pathlib
import re
import subprocess
import unittest

from farm import FarmCase, Ledger, config

BUILDS = os.environ.get("RCUFARM_ADOPTED_BUILDS")


@unittest.skipUnless(BUILDS, "RCUFARM_ADOPTED_BUILDS names no programs of an adopted allocator: ./farm test --lane adopt builds them")
class AdoptedEngineTest(FarmCase):
    def found_by(self, engine, program):
        """A farm with this engine alone, until a finding is stored and was replayed; what the store and the page have of it."""
        lane = f"{engine}_adopted"
        programs = {"explore_adopted": pathlib.Path(BUILDS, "cmake/bin/rcufarm-tutorial"), lane: pathlib.Path(BUILDS, program)}
        farm = self.farm(config(lanes=[lane], programs=programs).replace("fuzz_seconds = 5", "fuzz_seconds = 15"))
        replayed = "SELECT key, signature, engine, program FROM finding WHERE replays > 0 LIMIT 1"
        farm.wait_for("a bug", lambda: farm.total("rcufarm_bugs", 'state="open"'), 300)
        (key, signature, by, replayer), = farm.wait_for("its replays", lambda: Ledger(farm.state).rows(replayed), 300)
        self.assertTrue(signature.startswith("tutorial: "), signature)
        self.assertEqual((by, replayer), (engine, "explore_adopted"))
        self.assertGreater(farm.metric("rcufarm_executions_total", f'engine="{engine}",target="tutorial"'), 0)
        self.assertIn(key, farm.get("/target/tutorial"))
        self.assertNotIn(key, farm.get("/target/sim"))
        self.assertEqual(farm.end()[0], 0, farm.said())
        Ledger(farm.state).check()
        shown = self.run_farm("findings", "show", key[:12], "--state", farm.state).stdout
        self.assertIn("BAD: ", shown, "the interleaving")
        line = re.search(r"^again: (.*)$", shown, re.M).group(1)
        pasted = subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(pasted.returncode, 1, pasted.stderr)
        self.assertIn("BAD:", pasted.stdout)
        again = self.run_farm("findings", "replay", key[:12], "--any-build", "--state", farm.state)
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertIn("BAD:", again.stdout)

    def test_what_libfuzzer_finds_is_the_allocators(self):
        self.found_by("libfuzzer", "fuzz/bin/fuzz_sim-tutorial")

    def test_what_afl_finds_is_the_allocators(self):
        self.found_by("afl", "afl/bin/fuzz_sim-tutorial")


if __name__ == "__main__":
    unittest.main()

"""The farm with real fuzz engines. RCUFARM_BIN, and RCUFARM_FUZZ_BIN and RCUFARM_AFL_BIN: bin/ of the presets fuzz and afl."""
import os
import pathlib
import random
import unittest

from farm import BIN, FarmCase, Ledger, config

FUZZ = pathlib.Path(os.environ["RCUFARM_FUZZ_BIN"]).absolute()
AFL = pathlib.Path(os.environ["RCUFARM_AFL_BIN"]).absolute()


class EngineTest(FarmCase):
    def setUp(self):
        super().setUp()
        for program in (FUZZ / "fuzz_sim", FUZZ / "fuzz_native_canary", AFL / "fuzz_sim"):
            self.assertTrue(program.exists(), f"{program} is not built. Build the presets fuzz and afl, or: ./farm test --lane farm")

    def test_both_engines_work_and_share(self):
        farm = self.farm(config(lanes=["libfuzzer_sim", "afl_sim"],
                                programs={"libfuzzer_sim": FUZZ / "fuzz_sim", "afl_sim": AFL / "fuzz_sim"}, slots=2))
        for engine in ("libfuzzer", "afl"):
            farm.wait_for(engine, lambda e=engine: farm.metric("rcufarm_executions_total", f'engine="{e}",target="sim"'), 120)
            farm.wait_for("its edges", lambda e=engine: farm.metric("rcufarm_coverage_edges", f'engine="{e}",target="sim"'), 120)
        farm.wait_for("the queue", lambda: any((farm.state / "afl/afl_sim/main/queue").glob("id:*")))
        farm.wait_for("new coverage", lambda: farm.metric("rcufarm_last_new_coverage_timestamp_seconds", 'signal="edges"'))
        code, seconds = farm.end()
        self.assertEqual(code, 0, farm.said())
        self.assertLess(seconds, 10)  # the promise
        self.assertEqual(farm.workers(), [])
        self.assertTrue(any((farm.state / "corpus/sim").iterdir()), "the corpus survives")

    def test_an_adopted_allocators_engines_have_its_name(self):
        # Any fuzz target on the simulator can stand in: the farm knows its lane, and its name by that of the program.
        mine = {"explore_adopted": self.folder / "rcufarm-mine"}
        mine["explore_adopted"].symlink_to(BIN / "rcufarm")
        for lane, programs in (("libfuzzer_adopted", FUZZ), ("afl_adopted", AFL)):
            (self.folder / lane).mkdir()
            for name in ("fuzz_sim", "replay_sim"):
                (self.folder / lane / f"{name}-mine").symlink_to(programs / name)
            mine[lane] = self.folder / lane / "fuzz_sim-mine"
        farm = self.farm(config(lanes=["explore_adopted", "libfuzzer_adopted", "afl_adopted"], programs=mine, slots=2))
        takes = f"--inputs\0{farm.state}/corpus/mine".encode()
        farm.wait_for("an explorer that shares with them", lambda: any(takes in command for command in farm.commands()))
        for engine in ("libfuzzer", "afl"):
            for metric in ("rcufarm_executions_total", "rcufarm_coverage_edges"):
                farm.wait_for(f"{engine}'s {metric}", lambda e=engine, m=metric: farm.metric(m, f'engine="{e}",target="mine"'), 120)
            self.assertEqual(farm.metric("rcufarm_executions_total", f'engine="{engine}",target="sim"'), 0)
            farm.wait_for(f"{engine}'s corpus", lambda e=engine: farm.metric("rcufarm_corpus_entries", f'engine="{e}",target="mine"'), 120)
        page = farm.get("/target/mine")
        for lane in ("explore", "libfuzzer", "afl"):
            self.assertIn(f"{lane}_<wbr>adopted", page)
        self.assertEqual(farm.end()[0], 0, farm.said())
        self.assertEqual(Ledger(farm.state).findings(), {})
        self.assertTrue(any((farm.state / "corpus/mine").iterdir()))
        self.assertTrue(any((farm.state / "afl/afl_mine/main/queue").glob("id:*")))
        for ours in ("corpus/sim", "afl/afl_sim"):
            self.assertFalse(any((farm.state / ours).rglob("*")), f"{ours} has inputs of another allocator")

    def test_with_more_slots_afl_has_secondary_instances(self):
        farm = self.farm(config(lanes=["afl_sim"], programs={"afl_sim": AFL / "fuzz_sim"}, slots=2).replace("fuzz_seconds = 5", "fuzz_seconds = 15"))
        for instance in ("main", "second-1"):
            farm.wait_for(instance, lambda i=instance: any((farm.state / "afl/afl_sim" / i / "queue").glob("id:*")), 120)
        farm.wait_for("a sync", lambda: any((farm.state / "afl/afl_sim/second-1/.synced").glob("main*")), 180)
        self.assertEqual(farm.total("rcufarm_worker_restarts_total"), 0, farm.said())
        self.assertEqual(farm.end()[0], 0, farm.said())

    def test_libfuzzer_finds_its_sanitizers_canary(self):
        empty = self.folder / "no-seeds"
        empty.mkdir()
        farm = self.farm(config(lanes=["libfuzzer_native"], programs={"libfuzzer_native": FUZZ / "fuzz_native_canary"},
                                more=f'[corpus]\nseeds = ["{empty}"]\n'))
        farm.wait_for("the finding", lambda: farm.metric("rcufarm_bugs", 'kind="asan",state="open"'), 180)
        # It is open as soon as it is stored, and replayed after that.
        replayed = "SELECT engine, kind FROM finding WHERE kind = 'asan' AND replays > 0 LIMIT 1"
        farm.wait_for("a replay that shows it", lambda: Ledger(farm.state).rows(replayed), 180)
        ledger = Ledger(farm.state)
        ledger.check()
        self.assertEqual(ledger.rows(replayed), [("libfuzzer", "asan")])

    def test_ten_thousand_random_files_and_unreadable_ones_as_corpus(self):
        corpus = self.folder / "state/corpus/sim"
        corpus.mkdir(parents=True)
        chance = random.Random(1)
        for number in range(10_000):
            (corpus / f"random-{number}").write_bytes(chance.randbytes(chance.randrange(1, 200)))
        (corpus / "dangling").symlink_to("/nowhere")
        (corpus / "locked").write_bytes(b"secret")
        (corpus / "locked").chmod(0)
        farm = self.farm(config(lanes=["libfuzzer_sim"], programs={"libfuzzer_sim": FUZZ / "fuzz_sim"},
                                more="[corpus]\nentries_max = 2000\n").replace("fuzz_seconds = 5", "fuzz_seconds = 30"))
        farm.wait_for("executions", lambda: farm.metric("rcufarm_executions_total", 'engine="libfuzzer",target="sim"'), 180)
        entries = farm.wait_for("the count", lambda: farm.metric("rcufarm_corpus_entries", 'engine="libfuzzer",target="sim"'), 120)
        self.assertLessEqual(entries, 2000)
        self.assertEqual(Ledger(farm.state).findings(), {})


if __name__ == "__main__":
    unittest.main()

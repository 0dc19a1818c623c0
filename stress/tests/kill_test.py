#!/usr/bin/env python3
"""Kills a farm that is hard at work, again and again, and looks whether anything was lost or counted twice.

kill_test.py --times N [--folder DIR]: SIGKILL to the supervisor N times at random moments, and to random workers all the time.
Real workers: the explorer on an allocator with a planted mistake, the canary, native stress, and the fuzz engines whose targets
RCUFARM_FUZZ_BIN and RCUFARM_AFL_BIN name (folders). After each kill: the store is intact, every acknowledged finding is there,
counts never go back and agree with what was seen, every blob has its bytes, the corpus can be read.
"""
import argparse
import os
import pathlib
import random
import re
import signal
import sys
import tempfile
import time

from farm import BIN, Farm, Ledger, config


def engines():
    """Lanes and programs of the engines that are there."""
    lanes, programs = [], {}
    for lane, variable in (("libfuzzer_sim", "RCUFARM_FUZZ_BIN"), ("afl_sim", "RCUFARM_AFL_BIN")):
        folder = os.environ.get(variable)
        if folder:
            lanes.append(lane)
            programs[lane] = pathlib.Path(folder).absolute() / "fuzz_sim"
    return lanes, programs


def torment(farm, seconds, chance):
    """Kills random workers until the time is up; gives how many."""
    killed = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(0.3, max(0.0, end - time.monotonic())))
        workers = farm.workers()
        if workers and chance.random() < 0.3:
            try:
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                continue
    return killed


class Books:
    """What was acknowledged so far."""

    def __init__(self):
        self.findings = {}
        self.counts = {}

    def look(self, farm):
        ledger = Ledger(farm.state)
        ledger.check()
        findings, counts = ledger.findings(), ledger.counts()
        lost = set(self.findings) - set(findings)
        assert not lost, f"lost: {[self.findings[key] for key in lost]}"
        back = {key: (self.counts[key], counts.get(key, 0)) for key in self.counts if counts.get(key, 0) < self.counts[key]}
        assert not back, f"counts went back: {back}"
        for prefix in re.findall(r"new finding ([0-9a-f]{12})", farm.said()):
            assert any(key.startswith(prefix) for key in findings), f"acknowledged in the log and lost: {prefix}"
        for file in pathlib.Path(farm.state, "corpus").rglob("*"):
            if file.is_file():
                file.read_bytes()
        self.findings, self.counts = findings, counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--folder", help="keep everything here")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = options.folder or tempfile.mkdtemp(prefix="rcufarm-kill-")
    pathlib.Path(folder).mkdir(exist_ok=True)
    chance = random.Random(options.seed)
    lanes, programs = engines()
    text = config(explore=BIN / "rcufarm-defect-04", lanes=["explore", "canary", "stress_asan", *lanes], programs=programs, slots=2,
                  more="[canary]\nevery_seconds = 2\n[restart]\nbackoff_ms = 50\nbackoff_ms_max = 200\ncrash_loop = 1000\n")
    books = Books()
    workers_killed = 0
    for _ in range(options.times):
        with Farm(folder, text) as farm:
            farm.wait_for("address", lambda f=farm: "status page" in f.said())
            workers_killed += torment(farm, chance.uniform(0, 4), chance)
            assert farm.process.poll() is None, farm.said()
            farm.kill()
            books.look(farm)
    # The last one goes on in peace, and takes in what was left.
    with Farm(folder, text) as farm:
        farm.port()
        farm.wait_for("a finding", lambda: Ledger(farm.state).findings(), 300)
        farm.wait_for("examinations", lambda: not Ledger(farm.state).rows("SELECT 1 FROM sighting WHERE settled = 0"), 300)
        code, _ = farm.end()
        assert code in (0, 1), farm.said()
        assert not farm.workers(), "workers outlive their farm"
        books.look(farm)
    assert books.findings, "nothing was found, so nothing could be lost: the test means nothing"
    print(f"{options.times} kills of the supervisor, {workers_killed} of workers ({', '.join(['explore', 'canary', 'stress', *lanes])}): "
          f"{len(books.findings)} findings, {sum(books.counts.values())} sightings counted, nothing lost, nothing doubled, store intact")
    return 0


if __name__ == "__main__":
    sys.exit(main())

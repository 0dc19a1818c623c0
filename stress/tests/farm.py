"""A farm under test: started with a config of its own, scraped, stopped, killed; and its store, read from outside.

Job: what farm_test.py and kill_test share. Programs come from the folder RCUFARM_BIN, a build's bin/.
"""
import hashlib
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import urllib.request

BIN = pathlib.Path(os.environ.get("RCUFARM_BIN", "build/release/bin")).absolute()
FARM = BIN / "rcufarm-farm"
LANES = ("explore explore_linux explore_adopted prove libfuzzer_sim libfuzzer_native libfuzzer_native_tsan libfuzzer_adopted afl_sim afl_native "
         "afl_adopted stress_asan stress_tsan regressions canary").split()


def config(explore=BIN / "rcufarm", lanes=(), programs=None, more="", slots=1):
    """TOML: only `lanes` have a share; short stints. One slot where one is enough: farms under test stand side by side."""
    shares = "\n".join(f"{lane} = {10 if lane in lanes else 0}" for lane in LANES)
    paths = {"root": "/", "explore": explore, "stress_asan": BIN / "stress_native", "replay_native": BIN / "replay_native"}
    paths.update(programs or {})
    named = "\n".join(f'{key} = "{value}"' for key, value in paths.items())
    return (f"[farm]\nslots = {slots}\n[programs]\n{named}\ncanary = [\"{BIN / 'rcufarm-defect-04'}\"]\n[shares]\n{shares}\n"
            f"[stints]\nexplore_seconds = 1\nstress_seconds = 2\ncanary_seconds = 10\nfuzz_seconds = 5\n"
            f"[findings]\nsim_replays = 3\nnative_replays = 1\n{more}")


class Farm:
    """One run of rcufarm-farm. `folder` holds its state, config and log; a second Farm on it goes on."""

    def __init__(self, folder, text, port=0, state=None, arguments=(), environment=None, before=(), **how):
        """`before`: words of a command that runs it; `how` goes to Popen."""
        self.folder = pathlib.Path(folder)
        self.state = pathlib.Path(state or self.folder / "state")
        self.config = self.folder / "farm.toml"
        self.log = self.folder / "log"
        self.config.write_text(text)
        self.begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*before, FARM, "run", "--config", self.config, "--state", self.state, "--port", str(port), *arguments],
                stdout=log, stderr=log, env={**os.environ, **(environment or {})}, **how)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def said(self):
        """What it logged since it was started."""
        return self.log.read_bytes()[self.begin:].decode(errors="replace")

    def wait_for(self, what, condition, seconds=60):
        """Waits until condition() gives something true, which is returned. Liveness: the deadline is generous."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            if self.process.poll() is not None:
                raise AssertionError(f"the farm ended while waiting for {what}:\n{self.said()}")
            time.sleep(0.05)
        raise AssertionError(f"no {what} in {seconds} s:\n{self.said()}")

    def port(self):
        return int(self.wait_for("address", lambda: re.search(r"http://127\.0\.0\.1:(\d+)/", self.said())).group(1))

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}{path}", timeout=30) as answer:
            return answer.read().decode()

    def metric(self, name, labels=""):
        """The value of one series, or None: labels as they stand in the text, in any order."""
        wanted = set(filter(None, labels.split(",")))
        for line in self.get("/metrics").splitlines():
            match = re.fullmatch(re.escape(name) + r"(?:\{(.*)\})? (\S+)", line)
            if match and wanted <= set((match.group(1) or "").split(",")):
                return float(match.group(2))
        return None

    def total(self, name, labels=""):
        """The sum of all series that have these labels."""
        wanted = set(filter(None, labels.split(",")))
        sum_ = 0.0
        for line in self.get("/metrics").splitlines():
            match = re.fullmatch(re.escape(name) + r"\{(.*)\} (\S+)", line)
            if match and wanted <= set(match.group(1).split(",")):
                sum_ += float(match.group(2))
        return sum_

    def end(self, seconds=30):
        """SIGTERM; gives its exit code (0: it stopped) and how long it took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        return code, time.monotonic() - begin

    def kill(self):
        self.process.kill()
        self.process.wait()

    def workers(self):
        """Processes that carry this farm's mark."""
        mark = f"RCUFARM_FARM_STATE={self.state}".encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended meanwhile
        return found

    def commands(self):
        """What they were started as: words that end with NUL."""
        found = []
        for pid in self.workers():
            try:
                found.append(pathlib.Path("/proc", str(pid), "cmdline").read_bytes())
            except OSError:
                continue
        return found


class Ledger:
    """The store as SQLite sees it, without the farm's own code."""

    def __init__(self, state):
        self.state = pathlib.Path(state)
        self.database = sqlite3.connect(f"file:{self.state}/farm.sqlite?mode=ro", uri=True, timeout=30)

    def rows(self, sql, *values):
        return self.database.execute(sql, values).fetchall()

    def findings(self):
        return dict(self.rows("SELECT key, signature FROM finding"))

    def counts(self):
        return dict(self.rows("SELECT finding, count FROM tally"))

    def check(self):
        """Everything that must hold at every moment; raises AssertionError if it does not."""
        assert self.rows("PRAGMA integrity_check") == [("ok",)], "integrity_check"
        for key, signature, count in self.rows(
                "SELECT f.key, signature, SUM(count) FROM finding f JOIN tally t ON t.finding = f.key GROUP BY f.key"):
            # An input of AFL++ or of a killed worker has no signature before it is examined.
            named, = self.rows("SELECT COALESCE(SUM(seen), 0) FROM sighting WHERE settled = 1 AND signature = ?", signature)
            unnamed, = self.rows("SELECT COALESCE(SUM(seen), 0) FROM sighting WHERE settled = 1 AND signature = ''")
            assert named[0] <= count <= named[0] + unnamed[0], f"{key}: {count} counted, {named[0]} seen"
        orphans = self.rows("SELECT key FROM finding WHERE key NOT IN (SELECT finding FROM tally)")
        assert not orphans, f"findings that nobody saw: {orphans}"
        counted, = self.rows("SELECT COALESCE(SUM(value), 0) FROM counter WHERE name = 'crashes_total'")
        tallied, = self.rows("SELECT COALESCE(SUM(count), 0) FROM tally")
        assert counted == tallied, f"crashes_total {counted}, tallies {tallied}"
        for row in self.rows("SELECT input, report, diagram, diagram_svg FROM finding UNION "
                             "SELECT input, report, '', '' FROM sighting"):
            for blob in filter(None, row):
                data = (self.state / "blobs" / blob[:2] / blob).read_bytes()
                assert hashlib.sha256(data).hexdigest() == blob, f"blob {blob} has other bytes"


class FarmCase(unittest.TestCase):
    """A scratch folder, and farms that end with their test."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="rcufarm-farm-", ignore_cleanup_errors=True)
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def farm(self, text, **more):
        farm = Farm(self.folder, text, **more)
        self.addCleanup(farm.__exit__)
        return farm

    @staticmethod
    def run_farm(*arguments):
        """One of the program's verbs, to its end."""
        return subprocess.run([FARM, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)

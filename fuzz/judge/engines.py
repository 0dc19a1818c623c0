"""Fuzz engines as one kind of thing: a command, a budget of CPU time, and whether it found something.

Job: start one engine on one target, end it when its budget is used up, and say what came of it. Writes to the folder that
it is given, only. A trial starts from nothing: AFL++, which wants an input, gets a zero byte.
"""
import json
import math
import os
import re
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

INPUT_BYTES_MAX = 768  # as ./farm run has it
WALL_PER_CPU_MAX = 20  # a machine that gives less than a twentieth of a core measures nothing
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Config:
    """An engine, and with what."""
    name: str
    engine: str  # libfuzzer, afl or explorer
    mutator: bool = True
    reads_from: bool = True


CONFIGS = [Config("explorer", "explorer")] + [
    Config(engine + ("" if mutator else "-blind") + ("" if reads_from else "-edges"), engine, mutator, reads_from)
    for engine in ("libfuzzer", "afl") for mutator in (True, False) for reads_from in (True, False)]


@dataclass
class Trial:
    """What came of one run. seconds: of CPU time, until the first finding or until the end."""
    found: bool
    seconds: float
    wall: float
    signature: str = ""


class Trouble(Exception):
    """An engine that could not work."""


# ---- CPU time of a process and all that it started ----------------------------------------------------------------------

def tree_of(root):
    """Process ids of root and its descendants, some of which may be gone."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat[stat.rindex(")") + 2:].split()[1]), []).append(int(entry))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def cpu_seconds(root):
    """Used so far, by children that have ended, too."""
    ticks = 0
    for pid in tree_of(root):
        try:
            stat = Path("/proc", str(pid), "stat").read_text()
        except OSError:
            continue
        ticks += sum(int(n) for n in stat[stat.rindex(")") + 2:].split()[11:15])
    return ticks / TICK


def kill(pids, how):
    for pid in pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue


def end(process):
    """Ends it and all that it started: asked first, so that it writes down what it knows."""
    pids = tree_of(process.pid)
    kill(pids, signal.SIGINT)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        pids += tree_of(process.pid)
    kill(pids, signal.SIGKILL)
    process.wait()


def cpu_of_the_ended():
    """CPU seconds of all that this process started and that has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def spend(command, env, folder, budget):
    """Runs a command for so many CPU seconds at most. Gives CPU seconds, wall seconds, output."""
    log = folder / "log.txt"
    began = time.monotonic()
    before = cpu_of_the_ended()
    used = 0.0
    with open(log, "wb") as sink:
        process = subprocess.Popen(command, env=os.environ | env, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        while process.poll() is None:
            used = max(used, cpu_seconds(process.pid))
            if used >= budget or time.monotonic() - began > WALL_PER_CPU_MAX * budget:
                end(process)
                break
            time.sleep(0.02 if used < 1 else 0.2)
    # To the microsecond for those that end by themselves; what was killed with its parent gone is in what was seen before.
    return max(used, cpu_of_the_ended() - before), time.monotonic() - began, log.read_text(errors="replace")


# ---- engines ------------------------------------------------------------------------------------------------------------

def signature_in(record):
    """That of the first finding in a target's record (fuzz/harness/record.h); removes the record."""
    if not record.exists():
        return ""
    findings = json.loads(record.read_text())["findings"]
    record.unlink()
    return findings[0]["signature"] if findings else ""


def there(program):
    """The program itself, if it can be run."""
    if not os.access(program, os.X_OK):
        raise Trouble(f"{program} is not there: ./farm bench fuzzers builds it")
    return program


class Engines:
    """Where the programs are."""

    def __init__(self, builds):
        self.builds = Path(builds).resolve()

    def target(self, config, defect):
        """The program that an engine runs; defect: its number, or none for the allocator as it is."""
        suffix = f"-defect-{defect}" if defect else ""
        if config.engine == "explorer":
            return self.builds / "release/bin" / f"rcufarm{suffix}"
        blind = "-blind" if config.engine == "libfuzzer" and not config.mutator else ""
        return self.builds / "judge" / config.engine / "bin" / f"fuzz_sim{blind}{suffix}"

    def run(self, config, defect, seed, budget, folder):
        """One trial. The folder is empty; a fuzzer's corpus is left in it (corpus_of)."""
        target = there(self.target(config, defect))
        return getattr(self, config.engine)(config, target, seed, budget, folder)

    def libfuzzer(self, config, target, seed, budget, folder):
        (folder / "corpus").mkdir()
        record = folder / "record.json"
        env = {"RCUFARM_RECORD": str(record)} | ({} if config.reads_from else {"RCUFARM_FEEDBACK": "edges"})
        used, wall, text = spend([str(target), f"-seed={seed}", f"-max_len={INPUT_BYTES_MAX}", "-timeout=60",
                                  f"-artifact_prefix={folder}/", str(folder / "corpus")], env, folder, budget)
        if "INFO: Running with entropic" not in text:
            raise Trouble(f"{target} did not start: {text[-500:]}")
        return Trial(bool(list(folder.glob("crash-*"))), used, wall, signature_in(record))

    def afl(self, config, target, seed, budget, folder):
        (folder / "start").mkdir()
        (folder / "start" / "zero").write_bytes(b"\0")
        env = {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_BENCH_UNTIL_CRASH": "1",
               "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1"}
        if config.mutator:
            env["AFL_CUSTOM_MUTATOR_LIBRARY"] = str(self.builds / "release/lib/librcufarm_afl_sim_mutator.so")
        if not config.reads_from:
            env["RCUFARM_FEEDBACK"] = "edges"
        used, wall, text = spend(["afl-fuzz", "-i", "start", "-o", "out", "-s", str(seed), "-m", "none", "-t", "20000",
                                  "-G", str(INPUT_BYTES_MAX), "--", str(target)], env, folder, budget)
        if "All set and ready to roll" not in text:
            raise Trouble(f"afl-fuzz did not start on {target}: {text[-500:]}")
        crashes = sorted((folder / "out/default/crashes").glob("id:*"))
        if not crashes:
            return Trial(False, used, wall)
        record = folder / "record.json"
        subprocess.run([str(target), str(crashes[0])], env=os.environ | {"RCUFARM_RECORD": str(record)},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return Trial(True, used, wall, signature_in(record))

    def explorer(self, _config, target, seed, budget, folder):
        used, wall, text = spend([str(target), "explore", "--seed", str(seed), "--seconds",
                                  str(WALL_PER_CPU_MAX * budget), "--json", "--no-save", "--no-minimize"], {}, folder, budget)
        said = json.loads(text) if text.startswith("{") else {"findings": []}
        if not said["findings"]:
            return Trial(False, used, wall)
        first = said["findings"][0]
        # What follows the finding is a look at what can come of it.
        return Trial(True, min(used, first["at_seconds"]), wall, first["first_seen_as"])

    def pairs_over_time(self, config, seed, budget, folder):
        """[(CPU seconds, reads-from pairs reached)] on the allocator as it is."""
        if config.engine == "explorer":
            return [self.pairs_explored(config, seed, budget / 2 ** step, folder) for step in range(5, -1, -1)]
        trial = self.run(config, None, seed, budget, folder)
        corpus = folder / ("corpus" if config.engine == "libfuzzer" else "out/default/queue")
        told = subprocess.run([str(there(self.builds / "release/bin/corpus_reach")), "--each", "--by-time", str(corpus)],
                              stdout=subprocess.PIPE, text=True, check=False).stdout
        share = trial.seconds / trial.wall
        reached, points = 0, [(0.0, 0)]
        for seconds, new in re.findall(r"^(\d+\.\d+) +\d+ +\d+ +\+(\d+) ", told, re.MULTILINE):
            reached += int(new)
            points.append((float(seconds) * share, reached))
        return points + [(trial.seconds, reached)]

    def pairs_explored(self, config, seed, wall, folder):
        used, _, text = spend([str(there(self.target(config, None))), "explore", "--seed", str(seed), "--seconds", str(wall),
                               "--json", "--no-save"], {}, folder, math.inf)
        return used, json.loads(text)["searched"]["reads_from_pairs"]

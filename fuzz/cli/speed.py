#!/usr/bin/env python3
"""How fast the simulator is, beside the fuzz engines that drive it: two tables, as Markdown.

Job: run the programs of a release build, an AddressSanitizer build and two engine builds without sanitizer, in turns, and print
medians, minimum and maximum. What is compared runs alternately, so that a busy neighbour meets both. Writes under --work only.

Exit 0: measured (a missed target is a result); 2: bad use, or a program that does not run.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

STRATEGIES = ("portfolio", "random", "pct", "pos", "surw", "exhaustive")
INPUT_BYTES = 768  # what ./farm gives the engines


class CannotMeasure(Exception):
    """A program is missing, or fails."""


def run(command, allowed=(0,), **more):
    try:
        said = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    except OSError as error:
        raise CannotMeasure(f"{command[0]}: {error.strerror}. Build it: ./farm bench sim does") from error
    if said.returncode not in allowed:
        raise CannotMeasure(f"{command[0]} ended with {said.returncode}: {(said.stderr or said.stdout)[-400:]}")
    return said


def explored(program, strategy, seconds, seed):
    """(schedules/s, million points/s)"""
    said = run([program, "explore", "--strategy", strategy, "--seconds", seconds, "--seed", seed, "--no-save", "--json"])
    searched = json.loads(said.stdout)["searched"]
    return searched["schedules"] / searched["seconds"], searched["points"] / searched["seconds"] / 1e6


def toy(program):
    """Million schedules/s of the toy model."""
    line = next(line for line in run([program, 2000]).stdout.splitlines() if line.startswith("toy"))
    return float(line.split()[2]) / 1e6


def plain_rate(program, folder, seconds):
    """Inputs/s of the plain build on a folder of inputs, without an engine."""
    return float(re.match(r"(\d+) inputs/s", run([program, folder, "--seconds", seconds]).stdout).group(1))


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class LibFuzzer:
    name = "libFuzzer"

    def __init__(self, options):
        self.program = options.libfuzzer / "bin/fuzz_sim"

    def fuzz(self, inputs, work, seconds):
        """Executions/s on a corpus that begins as `inputs`; the folder of what it keeps."""
        shutil.copytree(inputs, work / "corpus")
        said = run([self.program, f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES}", "-print_final_stats=1", "-verbosity=0",
                    work / "corpus"], cwd=work).stderr
        stat = dict(re.findall(r"stat::(\w+):\s+(\d+)", said))
        self.more = ""
        return int(stat["average_exec_per_sec"]), work / "corpus"


class Afl:
    name = "AFL++"

    def __init__(self, options):
        self.program = options.afl / "bin/fuzz_sim"
        self.mutator = (options.release / "lib/librcufarm_afl_sim_mutator.so").resolve()

    def fuzz(self, inputs, work, seconds):
        setting = {**os.environ, "AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
                   "AFL_NO_AFFINITY": "1", "AFL_CUSTOM_MUTATOR_LIBRARY": str(self.mutator)}
        run(["afl-fuzz", "-i", inputs, "-o", work / "out", "-m", "none", "-V", seconds, "-G", INPUT_BYTES, "--", self.program],
            env=setting)
        written = (work / "out/default/fuzzer_stats").read_text()
        stat = dict(re.findall(r"(\w+)\s*: (\S+)", written))
        self.more = f"stability {stat['stability']}"
        return float(stat["execs_per_sec"]), work / "out/default/queue"


def of(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def explorer_table(options):
    builds = [("plain", options.release), ("AddressSanitizer", options.asan)]
    wanted = {"plain": 20, "AddressSanitizer": 8}
    figures = {}
    for number in range(options.rounds):
        for build, folder in builds:
            for strategy in STRATEGIES if build == "plain" else STRATEGIES[:1]:
                figures.setdefault((build, strategy), []).append(
                    explored(folder / "bin/rcufarm", strategy, options.seconds, 1000 + number))
    print("| explorer, all oracles, random programs | schedules/s | million points/s | wanted |\n| --- | --- | --- | --- |")
    for (build, strategy), pairs in figures.items():
        least = f"at least {wanted[build]}" if strategy == "portfolio" else ""
        print(f"| {build}, {strategy} | {of([p[0] for p in pairs], 0)} | {of([p[1] for p in pairs], 1)} | {least} |")
    toys = [toy(options.release / "bin/sim_speed") for _ in range(options.rounds)]
    print(f"| toy: two threads, two atomics, four operations | {of([t * 1e6 for t in toys], 0)} | | at least 2,000,000 |")


def engine_table(options, work):
    print("\n| engine, no sanitizer | executions/s | the plain build on its corpus, inputs/s | ratio | wanted | |\n"
          "| --- | --- | --- | --- | --- | --- |")
    for engine in (LibFuzzer(options), Afl(options)):
        folder = work / engine.name
        _, inputs = engine.fuzz(options.seeds, fresh(folder / "warm"), options.seconds)
        rates, plains = [], []
        for number in range(options.rounds):
            rate, inputs_now = engine.fuzz(inputs, fresh(folder / str(number)), options.seconds)
            rates.append(rate)
            plains.append(plain_rate(options.release / "bin/input_speed", inputs_now, options.seconds / 2))
        ratios = [rate / plain for rate, plain in zip(rates, plains)]
        print(f"| {engine.name} | {of(rates, 0)} | {of(plains, 0)} | {of(ratios, 2)} | at least 0.50 | {engine.more} |")


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def points_per_cpu_second(program, seconds, seed):
    """Million points a second of CPU time, of programs that the tree draws itself."""
    before = cpu_seconds()
    said = run([program, "explore", "--strategy", "portfolio", "--seconds", seconds, "--seed", seed, "--no-save", "--json"])
    return json.loads(said.stdout)["searched"]["points"] / (cpu_seconds() - before) / 1e6


def same_programs(program):
    """{program and strategy: million points a second of CPU time}, of sim_speed's programs."""
    rows = (line.split() for line in run([program, 2000]).stdout.splitlines()[1:])
    return {f"{what}, {strategy}": float(points) for what, strategy, _, points, _ in rows}


def beside_table(options):
    """This tree and another one, in turns on one core: the medians of the ratios."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    trees = {"this": options.release, "other": options.beside}
    figures = {}
    for number in range(options.rounds):
        for tree in trees if number % 2 == 0 else reversed(trees):
            folder = trees[tree] / "bin"
            rates = {f"the same: {what}": rate for what, rate in same_programs(folder / "sim_speed").items()}
            rates["each tree's own draws: explore, portfolio"] = points_per_cpu_second(folder / "rcufarm", options.seconds, 1000 + number)
            for what, rate in rates.items():
                figures.setdefault(what, {}).setdefault(tree, []).append(rate)
    print(f"| programs and strategy | this tree, million points/s | {options.beside} | ratio |\n| --- | --- | --- | --- |")
    for what, rates in figures.items():
        if len(rates) < 2:
            continue  # a strategy that one of them has not
        ratios = [mine / theirs for mine, theirs in zip(rates["this"], rates["other"])]
        print(f"| {what} | {of(rates['this'], 1)} | {of(rates['other'], 1)} | {of(ratios, 2)} |")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--release", type=Path, default=Path("build/release"), help="with rcufarm, sim_speed and input_speed")
    parser.add_argument("--asan", type=Path, default=Path("build/asan-alone"), help="with rcufarm")
    parser.add_argument("--libfuzzer", type=Path, default=Path("build/fuzz-plain"), help="with fuzz_sim")
    parser.add_argument("--afl", type=Path, default=Path("build/afl-plain"), help="with fuzz_sim")
    parser.add_argument("--seeds", type=Path, default=Path("corpus/seeds"))
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement")
    parser.add_argument("--beside", type=Path, metavar="FOLDER",
                        help="only this: another tree's release build, with rcufarm and sim_speed, in turns with this one's")
    options = parser.parse_args(arguments)
    for name in ("release", "asan", "libfuzzer", "afl", "seeds"):
        setattr(options, name, getattr(options, name).resolve())
    if options.beside and not (options.beside / "bin/sim_speed").is_file():
        parser.error(f"--beside {options.beside}: no bin/sim_speed there. In that tree: cmake --preset release && "
                     "cmake --build build/release --target rcufarm sim_speed; then give its build/release")
    return options


def main(arguments):
    options = parse(arguments)
    if options.beside:
        return beside_table(options)
    explorer_table(options)
    with tempfile.TemporaryDirectory(prefix="rcufarm-speed-") as work:
        engine_table(options, Path(work))
    return None


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (CannotMeasure, OSError) as error:
        print(f"speed: {error}", file=sys.stderr)
        sys.exit(2)

#!/usr/bin/env python3
"""Which engine finds which planted defect how soon, and what feedback and mutator are worth.

Runs one trial after another (of each engine, defect and seed) and appends it to a file, so that it can be stopped and gone
on with; then writes the table and the pictures. README.md beside this file says how it measures. Exit 0: done; 1: an engine
could not work; 2: wrong use.
"""
import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # into the sources
import report  # noqa: E402
from engines import CONFIGS, Engines, Trouble  # noqa: E402

DEFECTS = [f"{n:02}" for n in range(1, 15)]


def records(path):
    """Lines of JSON, as they were appended."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def append(path, record):
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def once_each(found):
    """The first of each kind and seed: two judges that ran at once have measured the same twice."""
    first = {}
    for record in found:
        first.setdefault((record["config"], record.get("defect"), record["seed"]), record)
    return list(first.values())


def in_folder(work):
    """Calls work with an empty folder, which is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="judge-"))
    try:
        return work(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(engines, options, configs):
    """The trials and curves that are not in the files yet."""
    trials, curves = options.state / "trials.jsonl", options.state / "curves.jsonl"
    done = {(t["config"], t["defect"], t["seed"]) for t in records(trials) if t["budget"] == options.seconds}
    drawn = {(c["config"], c["seed"]) for c in records(curves) if c["budget"] == options.coverage_seconds}
    # Seed by seed, so that what is there after a while is of all of them.
    for seed in range(1, options.trials + 1):
        for defect in options.defect:
            for config in configs:
                if (config.name, defect, seed) in done:
                    continue
                trial = in_folder(lambda f, c=config, d=defect, s=seed: engines.run(c, d, s, options.seconds, f))
                append(trials, {"config": config.name, "defect": defect, "seed": seed, "budget": options.seconds}
                       | vars(trial))
                print(f"seed {seed}, defect {defect}, {config.name}: "
                      f"{'found' if trial.found else 'nothing'} in {trial.seconds:.2f} CPU s {trial.signature}", flush=True)
        for config in configs if options.coverage_seconds else ():
            if (config.name, seed) not in drawn:
                points = in_folder(lambda f, c=config, s=seed: engines.pairs_over_time(c, s, options.coverage_seconds, f))
                append(curves, {"config": config.name, "seed": seed, "budget": options.coverage_seconds, "points": points})
                print(f"seed {seed}, coverage, {config.name}: {points[-1][1]} pairs", flush=True)


def parse(arguments):
    names = [c.name for c in CONFIGS]
    parser = argparse.ArgumentParser(prog="./farm bench fuzzers", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--defect", action="append", choices=DEFECTS, help="only this one; may be given again")
    parser.add_argument("--config", action="append", choices=names, help="only this one; may be given again")
    parser.add_argument("--trials", type=int, default=20, help="seeds of each (20)")
    parser.add_argument("--seconds", type=float, default=60, help="CPU time of a trial (60)")
    parser.add_argument("--coverage-seconds", type=float, default=60, help="CPU time of a curve of coverage; 0: none (60)")
    parser.add_argument("--builds", type=Path, default=Path("build"), help="where release, judge/libfuzzer, judge/afl are")
    parser.add_argument("--state", type=Path, default=Path("build/judge/results"), help="trials, table and pictures")
    parser.add_argument("--report-only", action="store_true", help="measure nothing more")
    options = parser.parse_args(arguments)
    options.defect = options.defect or DEFECTS
    options.config = options.config or names
    if options.trials < 1 or options.seconds <= 0 or options.coverage_seconds < 0:
        parser.error("--trials and --seconds want a number above 0")
    return options


def main(arguments):
    options = parse(arguments)
    options.state.mkdir(parents=True, exist_ok=True)
    trouble = None
    if not options.report_only:
        try:
            measure(Engines(options.builds), options, [c for c in CONFIGS if c.name in options.config])
        except Trouble as met:
            trouble = met
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)
    trials = once_each(t for t in records(options.state / "trials.jsonl") if t["budget"] == options.seconds)
    curves = once_each(c for c in records(options.state / "curves.jsonl") if c["budget"] == options.coverage_seconds)
    for line in report.write(trials, curves, options.state):
        print(line)
    print(f"\n{options.state}/table.md, found.svg, pairs.svg")
    if trouble:
        print(f"judge: {trouble}", file=sys.stderr)
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

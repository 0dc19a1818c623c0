"""From trials to a table, sentences and pictures. Reads nothing but what it is given."""
import math

from plot import svg
from ranks import chance_to_be_faster, holm, median, p_value

SIGNIFICANT = 0.05
# Who is compared with whom: what the second has not.
COMPARISONS = [("reads-from feedback, libFuzzer", "libfuzzer", "libfuzzer-edges"),
               ("reads-from feedback, libFuzzer without the mutator", "libfuzzer-blind", "libfuzzer-blind-edges"),
               ("reads-from feedback, AFL++", "afl", "afl-edges"),
               ("reads-from feedback, AFL++ without the mutator", "afl-blind", "afl-blind-edges"),
               ("the mutator, libFuzzer", "libfuzzer", "libfuzzer-blind"),
               ("the mutator, AFL++", "afl", "afl-blind"),
               ("libFuzzer over AFL++", "libfuzzer", "afl"),
               ("the explorer over libFuzzer", "explorer", "libfuzzer"),
               ("the explorer over AFL++", "explorer", "afl")]


def times(trials):
    """Of each trial, or inf."""
    return [t["seconds"] if t["found"] else math.inf for t in trials]


def seconds(value):
    """As people read it; a median that was not reached has none."""
    return "–" if value == math.inf else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def cell(trials):
    """Hits of trials, and the median time."""
    return f"{sum(t['found'] for t in trials)}/{len(trials)} {seconds(median(times(trials)))}" if trials else ""


def table(by, defects, configs):
    """A row for each defect."""
    rows = ["| defect | " + " | ".join(configs) + " |", "|---" * (len(configs) + 1) + "|"]
    rows += ["| " + " | ".join([d] + [cell(by.get((c, d), [])) for c in configs]) + " |" for d in defects]
    return rows


def comparison(by, defects, question, one, other):
    """One row: on how many defects the first is faster, slower, neither."""
    shared = [d for d in defects if by.get((one, d)) and by.get((other, d))]
    if not shared:
        return None
    samples = [(times(by[one, d]), times(by[other, d])) for d in shared]
    p_values = holm([p_value(a, b) for a, b in samples])
    chances = [chance_to_be_faster(a, b) for a, b in samples]
    verdicts = {"faster": [], "slower": [], "neither": []}
    for defect, p, chance in zip(shared, p_values, chances):
        verdicts["neither" if p >= SIGNIFICANT else "faster" if chance > 0.5 else "slower"].append(defect)
    words = " | ".join(", ".join(verdicts[v]) or "none" for v in ("faster", "slower", "neither"))
    return f"| {question} | {words} | {sum(chances) / len(chances):.2f} |"


def found_over_time(by, configs, budget):
    """{config: [(seconds, share of all trials that had found)]}"""
    series = {}
    for config in configs:
        all_times = sorted(t for (c, _), trials in by.items() if c == config for t in times(trials))
        points = [(t, (i + 1) / len(all_times)) for i, t in enumerate(all_times) if t < math.inf]
        if all_times:
            last = points[-1][1] if points else 0.0
            series[config] = [(0.01, 0.0)] + [(max(t, 0.01), share) for t, share in points] + [(max(budget, 0.01), last)]
    return series


def pairs_over_time(curves, configs):
    """{config: [(seconds, median over the seeds)]} at times that all share."""
    series = {}
    for config in configs:
        runs = [c["points"] for c in curves if c["config"] == config]
        if not runs:
            continue
        ends = max(points[-1][0] for points in runs)
        grid = [ends * i / 60 for i in range(61)]
        series[config] = [(t, median([max((y for x, y in run if x <= t), default=0) for run in runs])) for t in grid]
    return series


def write(trials, curves, folder):
    """table.md, found.svg, pairs.svg"""
    configs = list(dict.fromkeys([t["config"] for t in trials] + [c["config"] for c in curves]))
    defects = sorted({t["defect"] for t in trials})
    budget = max((t["budget"] for t in trials), default=0)
    seeds = len({t["seed"] for t in trials})
    by = {}
    for trial in trials:
        by.setdefault((trial["config"], trial["defect"]), []).append(trial)
    lines = [f"Hits and median CPU seconds to the first finding, {seeds} seeds, at most {budget:g} CPU seconds each; – where",
             "half of the trials found nothing. `-blind`: without the custom mutator; `-edges`: without reads-from feedback.", ""]
    lines += table(by, defects, configs)
    rows = [row for row in (comparison(by, defects, *c) for c in COMPARISONS) if row]
    if rows:
        lines += ["", f"Mann-Whitney, two-sided, at {SIGNIFICANT:g} after Holm's correction over the defects; the last column is how",
                  "often a trial with it beats one without it, mean over the defects (0.5: alike).", "",
                  "| what | faster with it | slower with it | no difference shown | beats |", "|---|---|---|---|---|", *rows]
    (folder / "table.md").write_text("\n".join(lines) + "\n")
    (folder / "found.svg").write_text(svg("Planted defects found", "CPU seconds", "share of all trials",
                                          found_over_time(by, configs, budget), log_x=True, y_max=1.0))
    (folder / "pairs.svg").write_text(svg("Coverage of the allocator as it is", "CPU seconds", "reads-from pairs, median",
                                          pairs_over_time(curves, configs)))
    return lines

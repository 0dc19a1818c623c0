// Bugs: what was found, what leaked, and whether the farm would have found it.
import { events, graph, increase, number, of, page, quantile, row, rows, stacked, sum } from "./parts.js";

const none: [number, string][] = [[0, "green"], [1, "red"]];

export const bugs = page("bugs", "Bugs", "What was found, what leaked, and how long planted defects take to be found.")
  .withRow(row("Findings"))
  .withPanel(number({
    title: "Open", unit: "none", diagrams: true, steps: none,
    description: "Distinct bugs that still reproduce, or have not been tried on this build.",
    queries: [{ expr: sum(of("rcufarm_bugs", 'state="open"')) }],
  }))
  .withPanel(number({
    title: "Nobody looks at", unit: "none", diagrams: true, steps: none,
    description: "Distinct bugs that are open or came back and that nobody has acknowledged.",
    queries: [{ expr: sum(of("rcufarm_bugs_unacknowledged")) }],
  }))
  .withPanel(number({
    title: "Came back", unit: "none", diagrams: true, steps: none,
    description: "Bugs that were marked fixed and were seen again.",
    queries: [{ expr: sum(of("rcufarm_bugs", 'state="reopened"')) }],
  }))
  .withPanel(number({
    title: "Fixed", unit: "none", diagrams: true,
    description: "Bugs that do not reproduce on this build.",
    queries: [{ expr: sum(of("rcufarm_bugs", 'state="fixed"')) }],
  }))
  .withPanel(number({
    title: "Crashes, new", unit: "none", diagrams: true, steps: none, decimals: 0,
    description: "Findings in the time range shown whose signature was not known.",
    queries: [{ expr: increase(of("rcufarm_crashes_total", 'novelty="new"')) }],
  }))
  .withPanel(number({
    title: "Crashes, known", unit: "none", diagrams: true, decimals: 0,
    description: "Findings in the time range shown that repeat a known signature.",
    queries: [{ expr: increase(of("rcufarm_crashes_total", 'novelty="known"')) }],
  }))
  .withPanel(number({
    title: "Leaked bytes", unit: "bytes", steps: none,
    description: "Memory that was not back in the slab after destroy, in the time range shown.",
    queries: [{ expr: increase(of("rcufarm_leaked_bytes_total")) }],
  }))
  .withPanel(stacked({
    title: "Crashes by kind", unit: "none", decimals: 0, diagrams: true,
    description: "Findings in each interval, new and known together, of the kinds that there are. Kinds are symptoms: what a user or the kernel would see.",
    queries: [{ expr: `${sum(events(of("rcufarm_crashes_total")), "kind")} > 0`, legend: "{{kind}}" }],
  }))
  .withPanel(rows({
    title: "Bugs by kind and state", unit: "none",
    description: "Distinct bugs, without the kinds that have none. The status page has their diagrams, inputs and commands to reproduce.",
    queries: [{ expr: `${sum(of("rcufarm_bugs"), "kind", "state")} > 0` }],
  }))
  .withPanel(stacked({
    title: "Leaked objects by list", unit: "none",
    description: "Objects left behind by destroy in each interval, by the list that they were last on.",
    queries: [{ expr: sum(events(of("rcufarm_leaked_objects_total")), "list"), legend: "{{list}}" }],
  }))
  .withPanel(stacked({
    title: "Leaked bytes by list", unit: "bytes",
    description: "As the objects, in bytes.",
    queries: [{ expr: sum(events(of("rcufarm_leaked_bytes_total")), "list"), legend: "{{list}}" }],
  }))

  .withRow(row("Would it have found it?"))
  .withPanel(graph({
    title: "Canary detections", unit: "none",
    description: "How often the planted canary was found in each interval. Its findings count here and nowhere else.",
    queries: [{ expr: sum(events(of("rcufarm_canary_detections_total"))) }],
  }))
  .withPanel(stacked({
    title: "Trials of planted defects", unit: "none",
    description: "Trials in each interval by outcome. One that was not found in its time counts as missed.",
    queries: [{ expr: sum(events(of("rcufarm_seeded_bug_trials_total")), "outcome"), legend: "{{outcome}}" }],
  }))
  .withPanel(graph({
    title: "Time to find a planted defect", unit: "s", width: 24,
    description: "Median and 90th percentile of the hour before each moment. Trials that missed are not in it.",
    queries: [
      { expr: quantile(0.5, "rcufarm_seeded_bug_detection_duration_seconds", "1h"), legend: "p50" },
      { expr: quantile(0.9, "rcufarm_seeded_bug_detection_duration_seconds", "1h"), legend: "p90" },
    ],
  }));

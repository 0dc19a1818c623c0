// Overview: is the farm up, does it work, does it see, has it found anything?
import { age, ageOrNever, graph, increase, number, of, ofTarget, page, rate, row, rows, sum, yesNo } from "./parts.js";

const none: [number, string][] = [[0, "green"], [1, "red"]];

export const overview = page("overview", "Overview", "Is the farm up, does it work, does it see, has it found anything?")
  .withRow(row("Does somebody have to get up?"))
  .withPanel(yesNo({
    title: "Farm", unit: "none",
    description: "Whether Prometheus reaches the farm. Down: runbook target-down.",
    queries: [{ expr: `min by (instance) (${of("up")})` }],
  }, "up", "down"))
  .withPanel(number({
    title: "Alerts firing", unit: "none", noPage: true, steps: none,
    description: "Alerts of Prometheus that fire now for the chosen farms. Each names its runbook.",
    queries: [{ expr: 'count(ALERTS{alertstate="firing", job=~"$job", instance=~"$instance"}) or vector(0)', legend: "firing" }],
  }))
  .withPanel(number({
    title: "Bugs open", unit: "none", diagrams: true, steps: none,
    description: "Distinct bugs that are open or came back after they were fixed, by signature.",
    queries: [{ expr: sum(of("rcufarm_bugs", 'state=~"open|reopened"')) }],
  }))
  .withPanel(number({
    title: "New bugs", unit: "none", diagrams: true, steps: none, decimals: 0,
    description: "Findings with a signature that was not known before, in the time range shown.",
    queries: [{ expr: increase(of("rcufarm_crashes_total", 'novelty="new"')) }],
  }))
  .withPanel(number({
    title: "Leaked objects", unit: "none", steps: none, decimals: 0,
    description: "Objects that were not back in the slab after destroy, in the time range shown. A correct allocator leaks none.",
    queries: [{ expr: increase(of("rcufarm_leaked_objects_total")) }],
  }))
  .withPanel(number({
    title: "Canary seen", unit: "s", steps: [[0, "green"], [3600, "orange"], [7200, "red"]],
    description: "Time since the planted defect was found last. A farm that does not find it is blind. A year: never found yet.",
    queries: [{ expr: ageOrNever(of("rcufarm_canary_last_detection_timestamp_seconds")) }],
  }))

  .withRow(row("Does it work?"))
  .withPanel(number({
    title: "Executions", unit: "ops",
    description: "Inputs run by all engines each second, over five minutes.",
    queries: [{ expr: `instance:rcufarm_executions:rate5m{job=~"$job", instance=~"$instance"}` }],
  }))
  .withPanel(number({
    title: "Schedules", unit: "ops",
    description: "Interleavings that the simulator ran each second.",
    queries: [{ expr: rate(of("rcufarm_schedules_total")) }],
  }))
  .withPanel(number({
    title: "Checks failed at start", unit: "none", steps: none,
    description: "What the farm looked for before it began and did not find: a program, a kernel setting, room on the disk. The Fleet dashboard names them.",
    queries: [{ expr: sum(`1 - ${of("rcufarm_preflight_ok")}`) }],
  }))
  .withPanel(number({
    title: "Since new coverage", unit: "s", width: 8, steps: [[0, "green"], [86400, "orange"], [259200, "red"]],
    description: "Time since an input reached new edges of code, and since a schedule gave a new pair of write and read. No value: none yet.",
    queries: [{ expr: age(of("rcufarm_last_new_coverage_timestamp_seconds"), "signal"), legend: "{{signal}}" }],
  }))
  .withPanel(number({
    title: "Uptime", unit: "s",
    description: "Time since the supervisor was started.",
    queries: [{ expr: `time() - ${of("process_start_time_seconds")}` }],
  }))
  .withPanel(graph({
    title: "Executions by engine", unit: "ops",
    description: "Inputs run each second. Engines take turns on the slots, so one that waits has rate 0.",
    queries: [{ expr: rate(ofTarget("rcufarm_executions_total"), "engine", "target"), legend: "{{engine}} {{target}}" }],
  }))
  .withPanel(graph({
    title: "Schedules by strategy", unit: "ops",
    description: "Interleavings run each second by each strategy of the simulator.",
    queries: [{ expr: rate(of("rcufarm_schedules_total"), "strategy"), legend: "{{strategy}}" }],
  }))
  .withPanel(graph({
    title: "Coverage: edges", unit: "none",
    description: "Edges of the allocator's code that each engine's corpus reaches.",
    queries: [{ expr: sum(ofTarget("rcufarm_coverage_edges"), "engine", "target"), legend: "{{engine}} {{target}}" }],
  }))
  .withPanel(graph({
    title: "Coverage: reads-from pairs", unit: "none",
    description: "Distinct pairs of a write and the read that saw it: how many orders of events the schedules have shown.",
    queries: [{ expr: sum(of("rcufarm_coverage_reads_from_pairs")) }],
  }))
  .withPanel(rows({
    title: "Builds", unit: "none", width: 24,
    description: "Which revision and compiler each farm was built from. Findings name the revision that they were seen on.",
    queries: [{ expr: of("rcufarm_build_info") }],
  }, "Value"));

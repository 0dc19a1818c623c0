// Fleet: workers, corpus and processes of each farm.
import { events, graph, of, ofEngine, ofTarget, page, row, rows, stacked, sum, waited } from "./parts.js";

export const fleet = page("fleet", "Fleet", "Workers, corpus and processes of each farm.")
  .withRow(row("All farms"))
  .withPanel(graph({
    title: "Executions of all farms", unit: "ops", min: 0,
    description: "Inputs and schedules a second, of all farms of a job together.",
    queries: [{ expr: 'job:rcufarm_executions:rate5m{job=~"$job"}', legend: "{{job}}" }],
  }))
  .withPanel(rows({
    title: "Who leads", unit: "bool_yes_no",
    description: "Of the farms that share a store one leads: it tells the bugs of all, and merges corpora. A farm by itself leads itself.",
    queries: [{ expr: of("rcufarm_leads") }],
  }))
  .withPanel(graph({
    title: "Waiting for the store", unit: "none", min: 0,
    description: "Writes in each farm's journal. They grow while the store is away, and go when it is back.",
    queries: [{ expr: of("rcufarm_journal_entries") }],
  }))

  .withRow(row("Patches and commits"))
  .withPanel(stacked({
    title: "Patches and commits by state", unit: "none", min: 0,
    description: "All that the store has, as the farm that leads tells it. Not built, not applied and incomplete are no verdicts; dropped: its watch asks for it no more.",
    queries: [{ expr: sum(of("rcufarm_changes"), "kind", "state"), legend: "{{kind}} {{state}}" }],
  }))
  .withPanel(graph({
    title: "The longest wait", unit: "s", min: 0,
    description: "How long the patch, or the commit, waits that came first and that no farm has taken. 0: none waits.",
    queries: [{ expr: waited(of("rcufarm_changes_oldest_waiting_timestamp_seconds")), legend: "{{kind}}" }],
  }))

  .withRow(row("Proofs"))
  .withPanel(graph({
    title: "Operations proven", unit: "none", min: 0,
    description: "Every program with at most so many operations is right under the model, for the newest build. 0: not asked for, or no size is proven yet.",
    queries: [{ expr: sum(of("rcufarm_proof_operations"), "model"), legend: "{{model}}" }],
  }))
  .withPanel(stacked({
    title: "Programs by what came of them", unit: "none", min: 0,
    description: "Limited: without a verdict. Begun: what is left of them is in the store. Begins anew with each build of the allocator.",
    queries: [{ expr: sum(of("rcufarm_proof_programs"), "model", "state"), legend: "{{model}} {{state}}" }],
  }))
  .withPanel(graph({
    title: "Executions of the proof", unit: "none", min: 0,
    description: "Each one of a class of its own: how many farms share the work, and whether they were killed, changes nothing.",
    queries: [{ expr: sum(of("rcufarm_proof_executions"), "model"), legend: "{{model}}" }],
  }))

  .withRow(row("Workers"))
  .withPanel(stacked({
    title: "Workers by state", unit: "none",
    description: "Parked: crashed too often in a row, and left alone. Backoff: waits before its next start.",
    queries: [{ expr: sum(of("rcufarm_workers"), "state"), legend: "{{state}}" }],
  }))
  .withPanel(stacked({
    title: "Restarts by reason", unit: "none",
    description: "Restarts in each interval. Out of memory, time-outs and full disks are no findings.",
    queries: [{ expr: sum(events(of("rcufarm_worker_restarts_total")), "reason"), legend: "{{reason}}" }],
  }))
  .withPanel(graph({
    title: "Memory of the workers", unit: "bytes",
    description: "Resident memory of all workers of an engine, children included.",
    queries: [{ expr: sum(ofEngine("rcufarm_worker_resident_memory_bytes"), "engine"), legend: "{{engine}}" }],
  }))
  .withPanel(rows({
    title: "Checks before the start", unit: "bool_yes_no",
    description: "What the farm looked for before it began. A kind of worker whose program is missing is not run.",
    queries: [{ expr: of("rcufarm_preflight_ok") }],
  }))

  .withRow(row("Corpus and coverage"))
  .withPanel(graph({
    title: "Corpus, inputs", unit: "none",
    description: "Inputs kept. Falls when the corpus is minimised to the same coverage.",
    queries: [{ expr: sum(ofTarget("rcufarm_corpus_entries"), "engine", "target"), legend: "{{engine}} {{target}}" }],
  }))
  .withPanel(graph({
    title: "Corpus, size", unit: "bytes",
    description: "Size of the inputs kept. It is bounded by the configuration.",
    queries: [{ expr: sum(ofTarget("rcufarm_corpus_bytes"), "engine", "target"), legend: "{{engine}} {{target}}" }],
  }))
  .withPanel(graph({
    title: "Edges covered", unit: "percentunit", min: 0, max: 1,
    description: "Share of the instrumented edges that the corpus reaches. 0 for an engine that has not yet said how many there are.",
    queries: [{
      expr: `${sum(ofTarget("rcufarm_coverage_edges"), "engine", "target")} / `
        + `clamp_min(${sum(ofTarget("rcufarm_coverage_instrumented_edges"), "engine", "target")}, 1)`,
      legend: "{{engine}} {{target}}",
    }],
  }))
  .withPanel(graph({
    title: "Stability of AFL++", unit: "percentunit", min: 0, max: 1,
    description: "Share of edges that behave the same when an input is run again. 1 for the simulator, where less is a bug; far below 1 on real threads, which never do the same twice.",
    queries: [{ expr: of("rcufarm_afl_stability_ratio", 'target=~"$target"'), legend: "{{target}}" }],
  }))

  .withRow(row("Supervisor"))
  .withPanel(graph({
    title: "CPU", unit: "percentunit", width: 6, min: 0,
    description: "CPU time of the supervisor alone; 100 % is one core.",
    queries: [{ expr: `rate(${of("process_cpu_seconds_total")}[$__rate_interval])` }],
  }))
  .withPanel(graph({
    title: "Memory", unit: "bytes", width: 6, min: 0,
    description: "Memory of the supervisor alone, resident and virtual.",
    queries: [
      { expr: of("process_resident_memory_bytes"), legend: "resident" },
      { expr: of("process_virtual_memory_bytes"), legend: "virtual" },
    ],
  }))
  .withPanel(graph({
    title: "File descriptors", unit: "percentunit", width: 6, min: 0, max: 1,
    description: "Open file descriptors of the supervisor, as a share of its limit.",
    queries: [{ expr: `${of("process_open_fds")} / ${of("process_max_fds")}` }],
  }))
  .withPanel(graph({
    title: "Threads", unit: "none", width: 6, min: 0,
    description: "Threads of the supervisor: its own, and one for each connection that it serves.",
    queries: [{ expr: of("process_threads") }],
  }));

// Allocator and RCU: where objects are, how long grace periods take, what destroy costs. Figures of the native stress workers.
import { graph, heat, increase, number, of, page, quantile, rate, row, stacked, sum } from "./parts.js";

const window = "5m";  // as the recorded p99, so that neither has gaps where the other has none
const gracePeriods = (flavor: string, name: string) => heat({
  title: `Grace periods, ${name}`, unit: "s",
  description: `How long ${name} grace periods took: each cell counts those of one interval that fell into one bucket.`,
  buckets: of("rcufarm_grace_period_duration_seconds_bucket", `flavor="${flavor}"`),
});

export const allocator = page("allocator", "Allocator and RCU",
                              "Where objects are, how long grace periods take, what waits and what destroy costs, in the native stress workers.")
  .withRow(row("Objects"))
  .withPanel(stacked({
    title: "Objects on the allocator's lists", unit: "none", width: 24,
    description: "From alloc's free list over the lists that wait for RCU to the slab. As the last destroys found them; one list that only grows is memory that does not come back.",
    queries: [{ expr: sum(of("rcufarm_cache_objects"), "list"), legend: "{{list}}" }],
  }))

  .withRow(row("RCU"))
  .withPanel(gracePeriods("regular", "regular RCU"))
  .withPanel(gracePeriods("tasks_trace", "RCU tasks trace"))
  .withPanel(graph({
    title: "Grace periods, p50 and p99", unit: "s",
    description: "Half of the grace periods were shorter than p50, one in a hundred was longer than p99.",
    queries: [
      { expr: quantile(0.5, "rcufarm_grace_period_duration_seconds", window, "flavor"), legend: "{{flavor}} p50" },
      { expr: 'instance_flavor:rcufarm_grace_period_duration_seconds:p99_5m{job=~"$job", instance=~"$instance"}', legend: "{{flavor}} p99" },
    ],
  }))
  .withPanel(graph({
    title: "Callbacks pending", unit: "none",
    description: "Callbacks that waited for their grace period when a run's tasks had ended. Steady is fine; one that only grows is grace periods that do not end.",
    queries: [{ expr: sum(of("rcufarm_callbacks_pending"), "flavor"), legend: "{{flavor}}" }],
  }))
  .withPanel(graph({
    title: "Callbacks enqueued and invoked", unit: "cps", width: 24,
    description: "Over a while, as many must be invoked as were enqueued.",
    queries: [
      { expr: rate(of("rcufarm_callbacks_enqueued_total"), "flavor"), legend: "enqueued, {{flavor}}" },
      { expr: rate(of("rcufarm_callbacks_invoked_total"), "flavor"), legend: "invoked, {{flavor}}" },
    ],
  }))

  .withRow(row("Destroy"))
  .withPanel(graph({
    title: "Destroy, p50 and p99", unit: "s", width: 10,
    description: "From the call of destroy until the last object was back in the slab.",
    queries: [
      { expr: quantile(0.5, "rcufarm_destroy_duration_seconds", window), legend: "p50" },
      { expr: 'instance:rcufarm_destroy_duration_seconds:p99_5m{job=~"$job", instance=~"$instance"}', legend: "p99" },
    ],
  }))
  .withPanel(graph({
    title: "Destroys by result", unit: "cps", width: 10,
    description: "Allocators destroyed each second, and what was left behind.",
    queries: [{ expr: rate(of("rcufarm_destroys_total"), "result"), legend: "{{result}}" }],
  }))
  .withPanel(number({
    title: "Objects leaked", unit: "none", steps: [[0, "green"], [1, "red"]], decimals: 0,
    description: "Not back in the slab after destroy, in the time range shown.",
    queries: [{ expr: increase(of("rcufarm_leaked_objects_total")) }],
  }));

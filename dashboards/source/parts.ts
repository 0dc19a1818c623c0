// Parts of every dashboard: selectors, tiles and the variables above them.
//
// Job: turn a short description of a panel into Grafana's model, so that no panel lacks its unit, its description or its
// link. What the dashboards show is in the other files.
import { StackingMode, VisibilityMode, BigValueGraphMode, BigValueColorMode, ScaleDistribution } from "@grafana/grafana-foundation-sdk/common";
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

// ---- queries ------------------------------------------------------------------------------------------------------

// A metric of the farms that the variables choose; more matchers as in PromQL.
export const of = (name: string, ...matchers: string[]): string =>
  `${name}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(", ")}}`;

// The same, of the chosen engines; and where the metric says it, of the chosen targets.
export const ofEngine = (name: string): string => of(name, 'engine=~"$engine"');
export const ofTarget = (name: string): string => of(name, 'engine=~"$engine"', 'target=~"$target"');

const byInstance = (labels: string[]): string => ["instance", ...labels].join(", ");

// Sums keep the instance: the link to its status page needs it.
export const sum = (selector: string, ...labels: string[]): string => `sum by (${byInstance(labels)}) (${selector})`;
export const rate = (selector: string, ...labels: string[]): string => sum(`rate(${selector}[$__rate_interval])`, ...labels);
// Events are counted, and a whole number of them came: increase() alone stretches what it saw to the interval's ends.
export const events = (selector: string, range = "$__rate_interval"): string => `round(increase(${selector}[${range}]))`;
export const increase = (selector: string, ...labels: string[]): string => sum(events(selector, "$__range"), ...labels);
export const quantile = (q: number, histogram: string, window: string, ...labels: string[]): string =>
  `histogram_quantile(${q}, ${sum(`rate(${of(`${histogram}_bucket`)}[${window}])`, "le", ...labels)})`;
// Seconds since a time that is kept as a metric. A farm says 0 for never, which is no age.
export const age = (selector: string, ...labels: string[]): string =>
  `time() - max by (${byInstance(labels)}) (${selector} > 0)`;
// The same of what waits; where nothing does, no time.
export const waited = (selector: string): string => `${age(selector, "kind")} or 0 * max by (instance, kind) (${selector})`;
// The same where never is the worst that there is: as long as the farm runs, and at least a year.
export const ageOrNever = (selector: string): string =>
  `${age(selector)} or 31536000 + 0 * max by (instance) (${selector} == 0)`;

// ---- panels -------------------------------------------------------------------------------------------------------

export interface Query {
  expr: string;
  legend?: string;
}

export interface Tile {
  title: string;
  description: string;
  unit: string;
  queries: Query[];
  // Steps of colour, the first from the bottom up: [value, colour].
  steps?: [number, string][];
  width?: number;
  // The series are not of one farm each: no link to a status page.
  noPage?: boolean;
  // What it counts has diagrams: a second link, to the list of findings on the status page, each of which leads to its own.
  diagrams?: boolean;
  decimals?: number;
  min?: number;
  max?: number;
}

const datasource = { type: "prometheus", uid: "${datasource}" };

// What all builders of panels have in common.
interface Panel {
  title(title: string): this;
  description(description: string): this;
  datasource(ref: common.DataSourceRef): this;
  unit(unit: string): this;
  span(width: number): this;
  height(height: number): this;
  targets(targets: ReturnType<typeof target>[]): this;
  thresholds(steps: dashboard.ThresholdsConfigBuilder): this;
  dataLinks(links: dashboard.DashboardLinkBuilder[]): this;
  decimals(decimals: number): this;
  min(min: number): this;
  max(max: number): this;
}

function target(query: Query, index: number, instant: boolean, format: prometheus.PromQueryFormat) {
  const built = new prometheus.DataqueryBuilder()
    .refId(String.fromCharCode("A".charCodeAt(0) + index))
    .datasource(datasource)
    .expr(query.expr)
    .format(format)
    .legendFormat(query.legend ?? "{{instance}}");
  return instant ? built.instant() : built.range();
}

// Which farm a series is of, in the legend of all panels that show farms apart.
const withFarm = ({ expr, legend }: Query, tile: Tile): Query =>
  tile.noPage || !legend ? { expr, legend } : { expr, legend: `${legend} {{instance}}` };

function finish<P extends Panel>(panel: P, tile: Tile, height: number, width: number, instant: boolean,
                                 format = prometheus.PromQueryFormat.TimeSeries): P {
  const steps = tile.steps ?? [[0, "blue"]];
  panel.title(tile.title).description(tile.description).datasource(datasource).unit(tile.unit)
    .span(tile.width ?? width).height(height)
    .targets(tile.queries.map((query, index) => target(withFarm(query, tile), index, instant, format)))
    .thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(
      steps.map(([value, color], index) => ({ value: index === 0 ? null : value, color }))));
  if (!tile.noPage) {
    const page = new dashboard.DashboardLinkBuilder("Status page of ${__field.labels.instance}")
      .url("http://${__field.labels.instance}/").targetBlank(true);
    const findings = new dashboard.DashboardLinkBuilder("Diagram of the newest finding")
      .url("http://${__field.labels.instance}/findings/newest?kind=${__field.labels.kind}").targetBlank(true);
    panel.dataLinks(tile.diagrams ? [page, findings] : [page]);
  }
  if (tile.decimals !== undefined) panel.decimals(tile.decimals);
  if (tile.min !== undefined) panel.min(tile.min);
  if (tile.max !== undefined) panel.max(tile.max);
  return panel;
}

// One number for each farm.
export const number = (tile: Tile) =>
  finish(new stat.PanelBuilder(), tile, 4, 4, true)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .colorMode(BigValueColorMode.Background).graphMode(BigValueGraphMode.None);

// A number that is 1 or 0, in words.
export const yesNo = (tile: Tile, yes: string, no: string) =>
  number({ ...tile, steps: [[0, "red"], [1, "green"]] }).mappings([
    { type: dashboard.MappingType.ValueToText, options: { 1: { text: yes, index: 0 }, 0: { text: no, index: 1 } } },
  ]);

export const graph = (tile: Tile) =>
  finish(new timeseries.PanelBuilder(), tile, 8, 12, false)
    .fillOpacity(10).showPoints(VisibilityMode.Never)
    .legend(new common.VizLegendOptionsBuilder().displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom).showLegend(true).calcs([]))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));

export const stacked = (tile: Tile) =>
  graph(tile).fillOpacity(40).stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal).group("A"));

// Rows of labels and one value. The columns that Prometheus adds for itself are hidden.
export const rows = (tile: Tile, ...hidden: string[]) =>
  finish(new table.PanelBuilder(), { ...tile, noPage: true }, 8, 12, true, prometheus.PromQueryFormat.Table)
    .overrideByName("instance", [{
      id: "links",
      value: [{ title: "Status page of ${__value.raw}", url: "http://${__value.raw}/", targetBlank: true }],
    }])
    .withTransformation({
      id: "organize",
      options: { excludeByName: Object.fromEntries(["Time", "job", "__name__", ...hidden].map((name) => [name, true])) },
    });

// Buckets of a histogram over time, of all chosen farms together.
export const heat = ({ buckets, ...tile }: Omit<Tile, "queries"> & { buckets: string }) =>
  finish(new heatmap.PanelBuilder(),
         { ...tile, noPage: true, queries: [{ expr: `sum by (le) (increase(${buckets}[$__rate_interval]))`, legend: "{{le}}" }] },
         8, 12, false, prometheus.PromQueryFormat.Heatmap)
    .calculate(false)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(tile.unit))
    .scaleDistribution(new common.ScaleDistributionConfigBuilder().type(ScaleDistribution.Linear))
    .color(new heatmap.HeatmapColorOptionsBuilder().mode(heatmap.HeatmapColorMode.Scheme).scheme("Turbo")
      .scale(heatmap.HeatmapColorScale.Exponential).exponent(0.5).steps(64).fill("dark-orange").reverse(false))
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(false))
    .showLegend();

// ---- dashboards ---------------------------------------------------------------------------------------------------

const choice = (name: string, label: string, query: string) =>
  new dashboard.QueryVariableBuilder(name).label(label).datasource(datasource)
    .query({ query: `label_values(${query}, ${name})`, refId: name })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged).sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true).includeAll(true).allValue(".+")
    .current({ selected: true, text: ["All"], value: ["$__all"] });

// A mark in all graphs where the query has a value.
const mark = (name: string, color: string, expr: string, text: string) =>
  new dashboard.AnnotationQueryBuilder().name(name).enable(true).iconColor(color).datasource(datasource)
    .expr(expr).step("60s").titleFormat(text);

export function page(uid: string, title: string, description: string): dashboard.DashboardBuilder {
  return new dashboard.DashboardBuilder(`rcufarm: ${title}`)
    .uid(`rcufarm-${uid}`).description(description).tags(["rcufarm"]).editable()
    .timezone("browser").time({ from: "now-6h", to: "now" }).refresh("30s")
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables([
      new dashboard.DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"),
      choice("job", "Job", "rcufarm_build_info"),
      choice("instance", "Farm", 'rcufarm_build_info{job=~"$job"}'),
      choice("target", "Target", 'rcufarm_executions_total{job=~"$job", instance=~"$instance"}'),
      choice("engine", "Engine", 'rcufarm_executions_total{job=~"$job", instance=~"$instance", target=~"$target"}'),
    ])
    .annotation(mark("Deploys", "blue", 'changes(process_start_time_seconds{job=~"$job", instance=~"$instance"}[2m]) > 0',
                       "started on {{instance}}"))
    .annotation(mark("Alerts", "red", 'ALERTS{alertstate="firing", job=~"$job", instance=~"$instance"}',
                       "{{alertname}} on {{instance}}"))
    .link(new dashboard.DashboardLinkBuilder("rcufarm").type(dashboard.DashboardLinkType.Dashboards)
      .tags(["rcufarm"]).asDropdown(true).includeVars(true).keepTime(true));
}

export const row = (title: string) => new dashboard.RowBuilder(title);

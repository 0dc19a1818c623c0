// A real Prometheus scrapes a real farm, into which a defect is planted while it runs.
//
// Checks that metrics and what uses them have the same names, that each panel's expression answers with finite values, and
// that the planted defect reaches panels and alerts by itself.
//
// usage: node live.js DASHBOARDS FARM     (the folder dashboards/, and the program rcufarm-farm beside rcufarm and the rest)
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { dashboards, expressions, panels, rules } from "./model.js";
import { misfits, unnoticedRenames } from "./names.js";
import { freePort, get, running, start, stopAll, tail, until } from "./service.js";

const [root, farmProgram] = process.argv.slice(2).map((path) => resolve(path));
if (!root || !farmProgram) {
  console.error("usage: node live.js DASHBOARDS FARM");
  process.exit(2);
}
const programs = dirname(farmProgram);
const boards = dashboards(join(root, "grafana"));
const allRules = ["recording.yml", "alerts.yml"].flatMap((file) => rules(join(root, "prometheus", file)));
const work = mkdtempSync(join(tmpdir(), "rcufarm-live-"));
const planted = { explore: "rcufarm-defect-01", stress_asan: "stress_native_01-destroy-leaks-refilled-list" };
const correct = { explore: "rcufarm", stress_asan: "stress_native" };

// What has to move when the defects fire.
const moved = [
  "overview.json: New bugs", "overview.json: Bugs open", "overview.json: Leaked objects",
  "bugs.json: Open", "bugs.json: Crashes, new", "bugs.json: Leaked bytes", "bugs.json: Crashes by kind",
  "bugs.json: Leaked objects by list", "bugs.json: Leaked bytes by list", "allocator.json: Objects leaked",
];
const alerting = ["RcufarmNewBug", "RcufarmLeakAtDestroy"];

// Short stints, so that each kind has its turn soon.
function writeConfig(port: number, { explore, stress_asan }: typeof planted): string {
  const file = join(work, "farm.toml");
  writeFileSync(file, `[farm]
slots = 1
[http]
port = ${port}
[programs]
explore = "${join(programs, explore)}"
stress_asan = "${join(programs, stress_asan)}"
stress_tsan = ""
canary = ["${join(programs, "rcufarm-defect-10")}"]
[stints]
explore_seconds = 5
stress_seconds = 5
fuzz_seconds = 5
canary_seconds = 20
[shares]
explore = 30
stress_asan = 30
canary = 20
`);
  return file;
}

function writePrometheus(farm: string): string {
  const file = join(work, "prometheus.yml");
  writeFileSync(file, JSON.stringify({
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: ["recording.yml", "alerts.yml"].map((name) => join(root!, "prometheus", name)),
    scrape_configs: [{ job_name: "rcufarm", static_configs: [{ targets: [farm] }] }],
  }));
  return file;
}

// A panel's expression as Grafana sends it, with "All" chosen.
const asked = (expr: string): string =>
  expr.replaceAll("$__rate_interval", "20s").replaceAll("$__range", "30m").replace(/\$(job|instance|target|engine)\b/g, ".+");

async function query(prometheus: string, expr: string): Promise<number[]> {
  const answer = await get(`http://${prometheus}/api/v1/query?query=${encodeURIComponent(asked(expr))}`);
  const body = JSON.parse(answer?.text ?? "{}") as { status?: string; error?: string; data?: { result: { value: [number, string] }[] } };
  if (body.status !== "success") throw new Error(`Prometheus does not take ${expr}: ${body.error ?? "no answer"}`);
  return (body.data?.result ?? []).map((series) => Number(series.value[1]));
}

const total = async (prometheus: string, exprs: string[]): Promise<number> =>
  (await Promise.all(exprs.map((expr) => query(prometheus, expr)))).flat().filter(Number.isFinite).reduce((a, b) => a + b, 0);

function fits(exposition: string): void {
  const wrong = misfits(exposition, { boards, rules: allRules });
  if (wrong.length > 0) throw new Error(`names:\n  ${wrong.join("\n  ")}`);
  const unnoticed = unnoticedRenames(exposition, { boards, rules: allRules });
  if (unnoticed.length > 0) throw new Error(`renaming these goes unnoticed: ${unnoticed.join(", ")}`);
  execFileSync("promtool", ["check", "metrics"], { input: exposition, stdio: ["pipe", "inherit", "inherit"] });
}

async function expressionsAnswer(prometheus: string): Promise<number> {
  let open = [...boards].flatMap(([file, board]) => panels(board).flatMap((panel) =>
    expressions(panel).map((expr) => ({ name: `${file}: ${panel.title}`, expr, said: "" }))));
  const count = open.length;
  // Engines take turns, so each expression has its own moment to have values.
  await until("all expressions", 240, async () => {
    const left = [];
    for (const one of open) {
      const values = await query(prometheus, one.expr);
      if (values.length === 0 || !values.some(Number.isFinite)) left.push({ ...one, said: `[${values.join(", ")}]` });
    }
    open = left;
    return open.length === 0 ? true : undefined;
  }).catch((error: Error) => {
    const list = open.map(({ name, expr, said }) => `\n  ${name} answers ${said}: ${asked(expr)}`);
    throw new Error(error.message + list.join(""));
  });
  return count;
}

async function run(): Promise<void> {
  const farm = `127.0.0.1:${await freePort()}`;
  const prometheus = `127.0.0.1:${await freePort()}`;
  const config = writeConfig(Number(farm.split(":")[1]), correct);
  const farmProcess = start(farmProgram!, ["run", "--config", config, "--state", join(work, "state")], join(work, "farm.log"));
  start("prometheus", [`--config.file=${writePrometheus(farm)}`, `--web.listen-address=${prometheus}`,
                       `--storage.tsdb.path=${join(work, "tsdb")}`], join(work, "prometheus.log"));

  const exposition = await until("the farm's /metrics", 60, async () => {
    if (!running(farmProcess)) throw new Error(`the farm has ended:\n${tail(join(work, "farm.log"))}`);
    return get(`http://${farm}/metrics`);
  });
  // Newer Prometheus refuses what does not say its format.
  if (!/^text\/plain; version=0\.0\.4/.test(exposition.type)) throw new Error(`/metrics is of type '${exposition.type}'`);
  fits(exposition.text);
  console.log(`${exposition.text.match(/^# TYPE/gm)?.length} metrics, each used by a panel or rule; each renaming is noticed`);

  await until("a first scrape", 60, async () => ((await total(prometheus, ['up{job="rcufarm"}'])) === 1 ? true : undefined));
  const watched = [...boards].flatMap(([file, board]) => panels(board).map((panel) => ({ name: `${file}: ${panel.title}`, panel })))
    .filter(({ name }) => moved.includes(name));
  if (watched.length !== moved.length) throw new Error(`of these panels some are missing: ${moved.join("; ")}`);
  for (const { name, panel } of watched) {
    const before = await total(prometheus, expressions(panel));
    if (before !== 0) throw new Error(`${name} shows ${before} before anything is planted`);
  }

  writeConfig(Number(farm.split(":")[1]), planted);
  farmProcess.kill("SIGHUP");
  for (const { name, panel } of watched) {
    const value = await until(`${name} to move`, 240, async () => (await total(prometheus, expressions(panel))) || undefined);
    console.log(`${name}: 0, then ${value.toFixed(1)}`);
  }
  for (const alert of alerting) {
    await until(`alert ${alert}`, 60, async () =>
      (await total(prometheus, [`ALERTS{alertname="${alert}", alertstate="firing"}`])) > 0 ? true : undefined);
    console.log(`${alert} fires`);
  }
  console.log(`${await expressionsAnswer(prometheus)} expressions of panels answer with finite values`);
  // What was not there at the start is to be used, too.
  fits((await get(`http://${farm}/metrics`))?.text ?? "");
}

let failed = false;
try {
  await run();
} catch (error) {
  failed = true;
  console.error(`live: ${(error as Error).message}\nLogs: ${work}`);
} finally {
  await stopAll();
}
if (!failed) rmSync(work, { recursive: true });
process.exit(failed ? 1 : 0);

// Checks that need no farm: dashboards against Grafana's published schema and units, every panel complete, every alert
// with its severity, texts, runbook and tests.
//
// usage: node static.js DASHBOARDS SCHEMA      (the folder dashboards/, and the schema of a dashboard as JSON)
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv } from "ajv";
import { Dashboard, Panel, dashboards, expressions, panels, ruleTests, rules } from "./model.js";

const [root, schemaFile] = process.argv.slice(2);
if (!root || !schemaFile) {
  console.error("usage: node static.js DASHBOARDS SCHEMA");
  process.exit(2);
}
const wrong: string[] = [];
let checked = 0;

function check(holds: boolean, text: string): void {
  checked += 1;
  if (!holds) wrong.push(text);
}

// Grafana's own list. Its module asks a browser for the language; and the package as a whole does not load in node 18.
function unitIds(): Set<string> {
  Object.defineProperty(globalThis, "navigator", { value: { language: "en-US", languages: ["en-US"] }, configurable: true });
  console.info = () => undefined;  // one of its packages greets
  const folder = new URL("../../node_modules/@grafana/data/dist/cjs/", import.meta.url).pathname;
  const data = createRequire(import.meta.url)(join(folder, "valueFormats/valueFormats.cjs")) as typeof import("@grafana/data");
  return new Set(data.getValueFormats().flatMap((category) => category.submenu?.map((unit) => String(unit.value)) ?? []));
}

function checkPanel(file: string, panel: Panel, units: Set<string>): void {
  const name = `${file}: "${panel.title}"`;
  check(Boolean(panel.title), `${file}: a panel of type ${panel.type} has no title`);
  check((panel.description ?? "").length >= 20, `${name} has no description that says anything`);
  check(units.has(panel.fieldConfig?.defaults?.unit ?? ""), `${name}: unit '${panel.fieldConfig?.defaults?.unit}' is none of Grafana's`);
  check(expressions(panel).length > 0 && expressions(panel).every((expr) => expr.length > 0), `${name} asks nothing`);
  for (const expr of expressions(panel)) {
    check(expr.includes('job=~"$job"'), `${name} forgets the variable job: ${expr}`);
  }
  for (const link of panel.fieldConfig?.defaults?.links ?? []) {
    check(/^http:\/\/\$\{__field\.labels\.instance\}\//.test(link.url ?? ""), `${name}: link '${link.url}' leads to no status page`);
    // The link is made of the label, so the label has to survive.
    for (const expr of expressions(panel)) check(!/\bby \((?![^)]*\binstance\b)/.test(expr), `${name} sums the instance away: ${expr}`);
  }
}

function checkBoards(boards: Map<string, Dashboard>, schema: object): void {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const valid = ajv.compile(schema);
  const units = unitIds();
  check(units.size > 200, `@grafana/data names only ${units.size} units`);
  for (const [file, board] of boards) {
    const marks = board.annotations?.list ?? [];
    check(marks.some((mark) => mark.name === "Deploys") && marks.some((mark) => mark.name === "Alerts"), `${file} marks no deploys or alerts`);
    for (const mark of marks) check((mark.expr ?? "").includes('job=~"$job"'), `${file}: annotation ${mark.name} forgets the variable job`);
    // What Prometheus' own part of an annotation is stands in no schema of Grafana's.
    const published = { ...board, annotations: { list: marks.map(({ expr: _expr, step: _step, titleFormat: _title, ...rest }) => rest) } };
    check(Boolean(valid(published)), `${file} against Grafana's schema: ${ajv.errorsText(valid.errors)}`);
    // The schema has to be one that says no.
    check(!valid({ ...board, panles: [] }) && !valid({ ...board, schemaVersion: "new" }), "the schema accepts what is wrong");
    for (const name of ["datasource", "job", "instance", "target", "engine"]) {
      check(board.templating.list.some((variable) => variable.name === name), `${file} has no variable ${name}`);
    }
    for (const panel of panels(board)) checkPanel(file, panel, units);
  }
}

function checkAlerts(folder: string): void {
  const cases = ruleTests(join(folder, "prometheus/alerts_test.yml")).flatMap((test) => test.alert_rule_test ?? []);
  const referred = new Set<string>();
  for (const { alert, labels = {}, annotations = {} } of rules(join(folder, "prometheus/alerts.yml"))) {
    check(["critical", "warning", "info"].includes(labels.severity ?? ""), `${alert}: severity '${labels.severity}'`);
    for (const text of ["summary", "description", "runbook_url"]) check(Boolean(annotations[text]), `${alert} has no ${text}`);
    const runbook = (annotations.runbook_url ?? "").replace(/^dashboards\//, "");
    referred.add(runbook);
    check(existsSync(join(folder, runbook)), `${alert}: there is no ${annotations.runbook_url}`);
    check(existsSync(join(folder, runbook)) && readFileSync(join(folder, runbook), "utf8").includes(alert ?? ""),
          `${annotations.runbook_url} does not name ${alert}`);
    const mine = cases.filter((one) => one.alertname === alert);
    check(mine.some((one) => one.exp_alerts.length > 0), `${alert} fires in no test`);
    check(mine.some((one) => one.exp_alerts.length === 0), `${alert} is silent in no test`);
  }
  for (const page of readdirSync(join(folder, "runbooks"))) {
    check(referred.has(`runbooks/${page}`), `runbooks/${page} belongs to no alert`);
  }
}

checkBoards(dashboards(join(root, "grafana")), JSON.parse(readFileSync(schemaFile, "utf8")) as object);
checkAlerts(root);
for (const text of wrong) console.error(text);
console.log(`${checked} static checks, ${wrong.length} failed`);
process.exit(wrong.length === 0 ? 0 : 1);

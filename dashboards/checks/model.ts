// What the checks read: dashboards, rules and expositions, as plain values.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface Link { title: string; url?: string }
export interface Panel {
  type: string;
  title?: string;
  description?: string;
  targets?: { expr?: string }[];
  fieldConfig?: { defaults?: { unit?: string; links?: Link[] }; overrides?: unknown[] };
  links?: Link[];
  panels?: Panel[];
}
export interface Variable { name: string; query: string | { query: string } }
export interface Annotation { name: string; expr?: string; step?: string; titleFormat?: string }
export interface Dashboard {
  title: string;
  uid: string;
  panels: Panel[];
  templating: { list: Variable[] };
  annotations?: { list?: Annotation[] };
}
export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
export interface RuleTest { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }

export function dashboards(folder: string): Map<string, Dashboard> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json")).sort();
  if (files.length === 0) throw new Error(`${folder} holds no dashboard`);
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), "utf8")) as Dashboard]));
}

// All that show something, also those inside of rows.
export const panels = (board: Dashboard): Panel[] =>
  board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter((panel) => panel.type !== "row");

export const expressions = (panel: Panel): string[] => (panel.targets ?? []).map((target) => target.expr ?? "");

export const queryOf = ({ query }: Variable): string => (typeof query === "string" ? query : query.query);

export function rules(file: string): Rule[] {
  const groups = (parse(readFileSync(file, "utf8")) as { groups: { rules: Rule[] }[] }).groups;
  return groups.flatMap((group) => group.rules);
}

export const ruleTests = (file: string): RuleTest[] => (parse(readFileSync(file, "utf8")) as { tests: RuleTest[] }).tests;

// Names in a PromQL expression that are the farm's: its metrics, those of its process, and recordings (with a colon).
export function namesIn(expr: string): string[] {
  const withoutStrings = expr.replace(/"(\\.|[^"\\])*"/g, '""');
  const words = withoutStrings.match(/[a-zA-Z_:][\w:]*/g) ?? [];
  return words.filter((word) => /^(rcufarm|process)_/.test(word) || word.includes(":"));
}

// The families of an exposition, by their TYPE lines: name to type.
export function families(exposition: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, type] of exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)) found.set(name!, type!);
  return found;
}

// The family that a series' name belongs to: a histogram's _bucket, _sum and _count are the histogram's.
export function familyOf(series: string, known: Map<string, string>): string | undefined {
  if (known.has(series)) return series;
  const base = series.replace(/_(bucket|sum|count)$/, "");
  return known.get(base) === "histogram" ? base : undefined;
}

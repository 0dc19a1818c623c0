// Metrics and what uses them: the same names on both sides.
import { Dashboard, Rule, expressions, families, familyOf, namesIn, panels, queryOf } from "./model.js";

export interface Uses { boards: Map<string, Dashboard>; rules: Rule[] }

// Every place that names metrics, with the names.
function places({ boards, rules }: Uses): [string, string[]][] {
  const found: [string, string[]][] = [];
  for (const [file, board] of boards) {
    for (const variable of board.templating.list) found.push([`${file}, variable ${variable.name}`, namesIn(queryOf(variable))]);
    for (const panel of panels(board)) found.push([`${file}, "${panel.title}"`, expressions(panel).flatMap(namesIn)]);
  }
  for (const rule of rules) found.push([`rule ${rule.record ?? rule.alert}`, namesIn(rule.expr)]);
  return found;
}

// What does not fit, in words. Empty: every metric is used, everything used exists.
export function misfits(exposition: string, uses: Uses): string[] {
  const exported = families(exposition);
  const recorded = new Set(uses.rules.flatMap((rule) => rule.record ?? []));
  const used = new Set<string>();
  const wrong: string[] = [];
  for (const [place, names] of places(uses)) {
    for (const name of names) {
      const family = recorded.has(name) ? name : familyOf(name, exported);
      if (family === undefined) wrong.push(`${place} uses ${name}, which is neither exported nor recorded`);
      else used.add(family);
    }
  }
  for (const name of [...exported.keys(), ...recorded]) {
    if (!used.has(name)) wrong.push(`${name} is used by no panel and no rule`);
  }
  return wrong;
}

// Renames each exported metric in turn: both sides have to notice, or the comparison is blind.
export function unnoticedRenames(exposition: string, uses: Uses): string[] {
  const names = [...families(exposition).keys()];
  return names.filter((name) => {
    const renamed = exposition.replace(new RegExp(`\\b${name}(?=[ {]|_bucket|_sum|_count)`, "g"), `${name}_renamed`);
    const wrong = misfits(renamed, uses);
    return !(wrong.some((text) => text.includes(`uses ${name}`)) && wrong.some((text) => text.startsWith(`${name}_renamed `)));
  });
}

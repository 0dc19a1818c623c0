// Writes the dashboards as JSON into the folder that is named.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allocator } from "./allocator.js";
import { bugs } from "./bugs.js";
import { fleet } from "./fleet.js";
import { overview } from "./overview.js";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node main.js FOLDER");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
for (const [name, builder] of Object.entries({ overview, bugs, allocator, fleet })) {
  // A panel's number is its place, so that a link to it stays while nothing is put before it.
  const built = builder.build();
  built.panels?.forEach((panel, index) => (panel.id = index + 1));
  // The SDK gives every variable the defaults of an interval, which Grafana's schema has for none.
  const variables = (built.templating?.list ?? []) as { auto?: unknown; auto_min?: unknown; auto_count?: unknown }[];
  for (const variable of variables) {
    delete variable.auto;
    delete variable.auto_min;
    delete variable.auto_count;
  }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(built, null, 2) + "\n");
}

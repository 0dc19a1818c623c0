// The status page in a real browser: light, dark, on a phone, and without JavaScript, of a farm that has found something.
//
// Checks that nothing is wider than the screen, that text can be read (contrast), that nothing comes from elsewhere and nothing
// is complained about, and that a finding's page shows its drawing and gives its input. Leaves screenshots.
//
// usage: node page.js FARM FOLDER     (the program rcufarm-farm beside rcufarm and the rest; where screenshots go)
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Browser, BrowserContextOptions, Page, chromium } from "playwright-core";
import { freePort, get, running, start, stopAll, tail, until } from "./service.js";

const [farmProgram, folder] = process.argv.slice(2).map((path) => resolve(path));
if (!farmProgram || !folder) {
  console.error("usage: node page.js FARM FOLDER");
  process.exit(2);
}
const contrastLeast = 4.5;  // what WCAG 2 wants of text
const views: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light", isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  "phone-dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  "no-script": { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false },
};
const work = mkdtempSync(join(tmpdir(), "rcufarm-page-"));

// An explorer with a planted mistake, the canary, and a fuzzer if its build is there, for its curve.
function writeConfig(port: number): string {
  const programs = dirname(farmProgram!);
  const fuzzer = join(programs, "../../fuzz/bin/fuzz_sim");
  const file = join(work, "farm.toml");
  const shares = ["libfuzzer_native", "libfuzzer_native_tsan", "afl_sim", "afl_native", "stress_asan", "stress_tsan", "regressions"];
  writeFileSync(file, `[farm]
slots = 2
[http]
port = ${port}
[programs]
explore = "${join(programs, "rcufarm-defect-04")}"
canary = ["${join(programs, "rcufarm-defect-*")}"]
libfuzzer_sim = "${existsSync(fuzzer) ? fuzzer : ""}"
[stints]
explore_seconds = 2
fuzz_seconds = 10
[shares]
${shares.map((share) => `${share} = 0`).join("\n")}
[canary]
every_seconds = 1
`);
  return file;
}

function expect(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

// Runs in the page: elements whose own text stands out too little from what is behind them.
function dimTexts(least: number): string[] {
  const rgb = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]: number[]): number => {
    const [x, y, z] = [r!, g!, b!].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x! + 0.7152 * y! + 0.0722 * z!;
  };
  const over = (front: number[], back: number[], alpha: number): number[] => [0, 1, 2].map((i) => front[i]! * alpha + back[i]! * (1 - alpha));
  const canvas = document.createElement("div");
  canvas.style.backgroundColor = "Canvas";
  document.body.append(canvas);
  const bottom = rgb(getComputedStyle(canvas).backgroundColor);
  canvas.remove();
  const dim: string[] = [];
  for (const element of Array.from(document.body.querySelectorAll<HTMLElement>("*"))) {
    const own = Array.from(element.childNodes).some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!own || element.getClientRects().length === 0 || element.closest("svg")) continue;
    const above: HTMLElement[] = [];
    for (let e: HTMLElement | null = element; e; e = e.parentElement) above.unshift(e);
    let back = bottom;
    let alpha = 1;
    for (const e of above) {
      const style = getComputedStyle(e);
      const color = rgb(style.backgroundColor);
      back = over(color, back, color[3] ?? 1);
      alpha *= Number(style.opacity);
    }
    const color = rgb(getComputedStyle(element).color);
    const [a, b] = [light(over(color, back, alpha * (color[3] ?? 1))), light(back)].sort((x, y) => y - x) as [number, number];
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < least) dim.push(`${element.tagName.toLowerCase()}.${element.className} "${element.textContent?.trim().slice(0, 30)}": ${contrast.toFixed(2)}`);
  }
  return [...new Set(dim)];
}

async function looksRight(page: Page, name: string): Promise<void> {
  const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth] as const);
  expect(needed <= there, `${name}: the page is ${needed} pixels wide, the screen ${there}`);
  const dim = await page.evaluate(dimTexts, contrastLeast);
  expect(dim.length === 0, `${name}: too little contrast (below ${contrastLeast}):\n  ${dim.join("\n  ")}`);
  await page.screenshot({ path: join(folder!, `${name}.png`), fullPage: true });
}

// With JavaScript the time of the page goes on, nothing is loaded anew, and what was unfolded stays so; without it the browser reloads.
async function staysUpToDate(page: Page, name: string, script: boolean): Promise<void> {
  if (!script) {
    expect((await page.content()).includes('http-equiv="refresh"'), `${name}: nothing keeps the page up to date`);
    return;
  }
  const told = (): Promise<string> => page.locator("p.sub").first().innerText();
  const before = await told();
  await page.evaluate(() => { (window as unknown as { kept: boolean }).kept = true; });
  await until(`${name}: news on the page`, 60, async () => ((await told()) === before ? undefined : true));
  expect(await page.evaluate(() => (window as unknown as { kept?: boolean }).kept === true), `${name}: the page was loaded anew`);
  expect(await page.locator("#config pre").isVisible(), `${name}: what was unfolded is folded again`);
}

async function view(browser: Browser, farm: string, name: string, options: BrowserContextOptions): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  // What the page fetches anew is given up when somebody follows a link.
  page.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "net::ERR_ABORTED") complaints.push(`failed: ${request.url()}`);
  });
  page.on("request", (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(`${farm}/`)) complaints.push(`from elsewhere: ${request.url()}`);
  });
  const answer = await page.goto(`${farm}/`);
  expect(answer?.status() === 200, `${name}: status ${answer?.status()}`);
  for (const heading of ["Findings", "Running now", "Kinds of workers", "Planted mistakes", "Corpus", "Configuration in force"]) {
    expect(await page.getByRole("heading", { name: heading }).isVisible(), `${name}: no heading "${heading}"`);
  }
  await page.locator("#config summary").click();
  expect(await page.locator("#config pre").isVisible(), `${name}: the configuration does not unfold`);
  await staysUpToDate(page, name, options.javaScriptEnabled !== false);
  await page.locator("#config summary").click();
  await looksRight(page, name);

  await page.locator('a[href^="findings/"]').first().click();
  await page.waitForURL(`${farm}/findings/*`);
  const drawing = page.locator("figure img");
  expect(await drawing.isVisible(), `${name}: the finding has no drawing`);
  expect(await drawing.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0), `${name}: the drawing does not load`);
  await looksRight(page, `${name}-finding`);
  // Links are relative, so that the page works behind a proxy with a path of its own.
  const link = await page.locator('a[href$=".finding"]').getAttribute("href");
  const file = link?.split("/").pop();
  const saved = await context.request.get(new URL(link ?? "", page.url()).href);
  expect(saved.ok() && (await saved.body()).length > 0, `${name}: no file of the finding to be had`);
  expect(`${saved.headers()["content-disposition"]?.match(/^attachment; filename="(.*)"$/)?.[1]}` === file,
         `${name}: the finding is shown as a page of ours, or has another name`);
  expect(complaints.length === 0, `${name}: ${complaints.join("; ")}`);
  await context.close();
  console.log(`${name}: fits, can be read, nothing to complain about`);
}

async function run(): Promise<void> {
  mkdirSync(folder!, { recursive: true });
  const port = await freePort();
  const farm = `http://127.0.0.1:${port}`;
  const child = start(farmProgram!, ["run", "--config", writeConfig(port), "--state", join(work, "state")], join(work, "farm.log"));
  await until("a finding and the planted mistakes on the page", 180, async () => {
    if (!running(child)) throw new Error(`the farm has ended:\n${tail(join(work, "farm.log"))}`);
    const page = (await get(`${farm}/`))?.text ?? "";
    return page.includes('href="findings/') && page.includes("rcufarm-defect-") ? true : undefined;
  });
  // Its sandbox is refused to root and in containers; the pages are our own.
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    for (const [name, options] of Object.entries(views)) await view(browser, farm, name, options);
  } finally {
    await browser.close();
  }
}

let failed = false;
try {
  await run();
} catch (error) {
  failed = true;
  console.error(`page: ${(error as Error).message}\nLogs: ${work}`);
} finally {
  await stopAll();
}
if (!failed) rmSync(work, { recursive: true });
process.exit(failed ? 1 : 0);

// Processes that a check starts, and waiting for them.
import { ChildProcess, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { createServer } from "node:net";

const started: ChildProcess[] = [];

// Its output goes into the file `log`.
export function start(program: string, args: string[], log: string): ChildProcess {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const file = createWriteStream(log);
  child.stdout?.pipe(file, { end: false });
  child.stderr?.pipe(file, { end: false });
  child.on("error", (error) => file.write(`${program}: ${error.message}\n`));
  started.push(child);
  return child;
}

export const running = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

// Asks all to end, and waits for it.
export async function stopAll(): Promise<void> {
  for (const child of started.filter(running)) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await ended;
    clearTimeout(late);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// Asks again and again until there is an answer; `undefined` is none. Throws when the seconds are over.
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`after ${seconds} s still waiting for ${what}`);
    await pause(1000);
  }
}

// A page's text and type, or undefined while nobody answers.
export async function get(url: string): Promise<{ status: number; type: string; text: string } | undefined> {
  try {
    const answer = await fetch(url);
    return { status: answer.status, type: answer.headers.get("content-type") ?? "", text: await answer.text() };
  } catch {
    return undefined;
  }
}

export const tail = (file: string): string => readFileSync(file, "utf8").split("\n").slice(-15).join("\n");

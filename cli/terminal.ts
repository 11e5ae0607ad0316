import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UserError } from "../deployer/user-error";

let asks = true;

/** Whoever sits there, nobody is asked from now on. */
export function neverAsk(): void {
  asks = false;
}

/** Somebody sits there who can answer. */
export function isInteractive(): boolean {
  return asks && !!process.stdin.isTTY && !!process.stdout.isTTY && !process.env.CI;
}

/** Asks for yes or no; the end of the input is no. */
export async function confirm(question: string): Promise<boolean> {
  const answer = await ask(`${question} (yes/no) `, process.stdout);
  return /^y(es)?$/i.test(answer.trim());
}

export async function askLine(question: string): Promise<string> {
  return ask(question, process.stdout);
}

/** Asks without echo. */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(`${question}: `);
  const answer = await ask("", new Writable({ write: (_chunk, _encoding, done) => done() }));
  process.stderr.write("\n");
  return answer;
}

/** The whole of standard input where it is no terminal, without its last line break. */
export async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

async function ask(question: string, output: Writable): Promise<string> {
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  const stop = new AbortController();
  reader.once("SIGINT", () => stop.abort());
  reader.once("close", () => stop.abort());
  try {
    return await reader.question(question, { signal: stop.signal });
  } catch {
    throw new UserError("Cancelled: nothing was changed.");
  } finally {
    reader.close();
  }
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestRegion } from "../support/regions/test-region";
import { takeAll } from "./worker";
import type { Answer, Step, Task } from "./worker";

export interface Ended {
  answers: Answer[];
  /** Died by SIGKILL. */
  killed: boolean;
}

/** A run in a process of its own. `killAt`: where it dies, as `kill-points.ts` names it; `kill`: when. */
export async function start(
  region: TestRegion,
  task: Task,
  killAt?: string,
  kill?: AbortSignal,
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [require.resolve("./worker"), region.endpoint, JSON.stringify(task)],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...region.env, ...(killAt ? { PULUMI_PRIVATE_IMAGES_KILL_AT: killAt } : {}) },
    },
  );
  kill?.addEventListener("abort", () => child.kill("SIGKILL"));
  const ended = once(child, "close");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code, signal] = await ended;
  if (signal === "SIGKILL") return { answers: [], killed: true };
  if (code !== 0) throw new Error(`the worker ended with ${code}: ${err}`);
  return { answers: JSON.parse(out) as Answer[], killed: false };
}

/** The IDs that a run made, in this process: nobody kills it. Anything else it came to is an error. */
export async function make(region: TestRegion, ...steps: Step[]): Promise<string[]> {
  return idsOf(await takeAll(region.endpoint, steps));
}

/** An image of an instance whose disk holds these bytes, which come from a file of `folder`; its ID. */
export async function makeImageOf(region: TestRegion, folder: string, bytes: Buffer): Promise<string> {
  const file = join(folder, "disk.raw");
  await writeFile(file, bytes);
  const [vm] = await make(region, { operation: "instanceOfFile", name: "vm", of: file });
  const [image] = await make(region, { operation: "systemImage", name: "golden", of: vm });
  return image!;
}

/** As `make`, in a process of its own: all of its files are closed then, and may be copied. */
export async function makeApart(region: TestRegion, ...steps: Step[]): Promise<string[]> {
  return idsOf((await start(region, { steps })).answers);
}

function idsOf(answers: readonly Answer[]): string[] {
  return answers.map((answer) => {
    if ("id" in answer) return answer.id;
    throw new Error(JSON.stringify(answer));
  });
}

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Orders, Task, Told } from "./worker";

/** What the workers did, as they told it. */
export class Accounts {
  /** IDs that a program was told to have made. */
  readonly made = new Map<string, Task>();
  /** IDs that a program began to delete, whatever came of it. */
  readonly deleted = new Set<string>();
  refused = 0;
  failed = 0;
  killed = 0;
  /** Words of failures that aren't told as a Fault. */
  readonly unclear = new Set<string>();
  /** What failed with nothing in the way any more. */
  readonly stuck: string[] = [];
  /** Words of failures, and how often. */
  readonly failures = new Map<string, number>();

  note(told: Told): void {
    if ("begun" in told) {
      const { operation, of } = told.begun.step;
      if (/^(delete|cancel)/.test(operation)) this.deleted.add(of!);
    } else if ("ended" in told) {
      if (told.made !== undefined) this.made.set(told.made, told.ended);
      if (told.refused !== undefined) this.refused++;
    } else if ("stuck" in told) {
      this.stuck.push(`${JSON.stringify(told.stuck)}: ${told.says}`);
    } else {
      const says = "failed" in told ? told.says : told.blind;
      if ("failed" in told) this.failed++;
      if (!told.isFault) this.unclear.add(says);
      const kind = says.replace(/[a-z]+-[0-9a-f-]{8,}/g, "ID").slice(0, 400);
      this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1);
    }
  }
}

/** How long a worker may take for what it has begun. */
const END_MS = 120_000;

/** One process after another: a killed one is followed by one that goes on with what it had begun. */
export class Worker {
  private child!: ChildProcess;
  private ended!: Promise<void>;
  private begun: Task[] = [];
  private generation = 0;
  private isEnding = false;

  constructor(
    private readonly orders: Omit<Orders, "pending">,
    private readonly env: NodeJS.ProcessEnv,
    private readonly accounts: Accounts,
  ) {
    this.start([]);
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
    this.accounts.killed++;
    this.start(this.begun);
  }

  /** Lets it finish what is begun. Throws where it ends otherwise. */
  async end(): Promise<void> {
    this.isEnding = true;
    this.child.stdin!.end();
    const timer = setTimeout(() => {
      this.accounts.stuck.push(`hangs in ${JSON.stringify(this.begun)}`);
      this.child.kill("SIGKILL");
    }, END_MS);
    await this.ended;
    clearTimeout(timer);
    if (this.child.signalCode !== null) return;
    if (this.child.exitCode !== 0) throw new Error(`a worker ended with ${this.child.exitCode}`);
  }

  /** Where the test is over. */
  abandon(): void {
    this.child.kill("SIGKILL");
  }

  private start(pending: Task[]): void {
    this.begun = pending;
    const orders: Orders = { ...this.orders, seed: this.orders.seed + 1000 * this.generation++, pending };
    const child = spawn(process.execPath, [require.resolve("./worker"), JSON.stringify(orders)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: this.env,
    });
    child.stdin.on("error", () => undefined);
    if (this.isEnding) child.stdin.end();
    const errors = text(child.stderr);
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => this.hear(line));
    this.child = child;
    this.ended = Promise.all([once(child, "close"), once(lines, "close"), errors]).then(([, , said]) => {
      if (said !== "") this.accounts.unclear.add(said);
    });
  }

  private hear(line: string): void {
    let told: Told;
    try {
      told = JSON.parse(line) as Told;
    } catch {
      // Cut off by its death.
      return;
    }
    const same = (task: Task) => JSON.stringify(task);
    if ("begun" in told) {
      const { begun } = told;
      if (!this.begun.some((task) => same(task) === same(begun))) this.begun = [...this.begun, begun];
    } else if ("ended" in told) {
      const { ended } = told;
      this.begun = this.begun.filter((task) => same(task) !== same(ended));
    }
    this.accounts.note(told);
  }
}

import type { Connection } from "./connection";

/** For how long a connection that no one uses is kept. */
const KEEP_IDLE_MS = 10_000;

/** A few connections, each opened at the first need and given to one holder at a time in the order of asking. */
export class Pool {
  private readonly idle: { connection: Connection; timer: NodeJS.Timeout }[] = [];
  private readonly waiting: (() => void)[] = [];
  private taken = 0;
  private closed = false;

  constructor(
    private readonly open: () => Promise<Connection>,
    private readonly most: number,
  ) {}

  async take(): Promise<Connection> {
    if (this.taken >= this.most) await new Promise<void>((next) => this.waiting.push(next));
    else this.taken++;
    try {
      return this.takeIdle() ?? (await this.open());
    } catch (error) {
      this.passOn();
      throw error;
    }
  }

  /** `reusable`: no transaction is open on it, and nothing has failed. */
  give(connection: Connection, { reusable }: { reusable: boolean }): void {
    if (reusable && !connection.isBroken() && !this.closed) this.keep(connection);
    else void connection.end();
    this.passOn();
  }

  /** Ends those that no one uses: where one was lost, the others may be too without having noticed. */
  endIdle(): void {
    for (const { connection, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      void connection.end();
    }
  }

  /** What is in use is ended when it is given back. */
  async close(): Promise<void> {
    this.closed = true;
    const idle = this.idle.splice(0);
    for (const { timer, connection } of idle) {
      clearTimeout(timer);
      // Waited for now: the process must not end before whoever closes has gone on.
      (connection.client as unknown as Socketed).ref();
    }
    await Promise.all(idle.map(({ connection }) => connection.end()));
  }

  private takeIdle(): Connection | undefined {
    for (let last = this.idle.pop(); last; last = this.idle.pop()) {
      clearTimeout(last.timer);
      if (last.connection.isBroken()) continue;
      (last.connection.client as unknown as Socketed).ref();
      return last.connection;
    }
    return undefined;
  }

  private keep(connection: Connection): void {
    // Nothing is waited for: it doesn't keep the process alive.
    (connection.client as unknown as Socketed).unref();
    const entry = { connection, timer: setTimeout(() => this.drop(entry), KEEP_IDLE_MS).unref() };
    this.idle.push(entry);
  }

  private drop(entry: { connection: Connection; timer: NodeJS.Timeout }): void {
    const at = this.idle.indexOf(entry);
    if (at >= 0) this.idle.splice(at, 1);
    void entry.connection.end();
  }

  /** The place of one that was given back goes to the next who waits. */
  private passOn(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.taken--;
  }
}

/** What pg's clients have and its types leave out. */
interface Socketed {
  ref(): void;
  unref(): void;
}

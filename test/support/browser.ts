import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Chromium on PATH, under one of its names. */
export const browserCommand = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);

export interface VisitOptions {
  /** Pixels. */
  width: number;
  scheme?: "light" | "dark";
}

/** What became of a page, and what its visit made the browser do. */
export interface Visit<T> {
  result: T;
  /** What the page or the browser put on the console: errors, refused resources. */
  console: string[];
  /** URLs asked for, the page's own first. */
  requests: string[];
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A headless browser of its own profile, spoken to by the DevTools protocol over pipes. */
export class Browser {
  private sent = 0;
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly listeners = new Set<(message: Message) => void>();
  private received = "";

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
  ) {
    (child.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => this.receive(text));
  }

  static async start(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), "images-browser-"));
    const options = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
    ];
    const child = spawn(
      browserCommand!,
      [...options, "--remote-debugging-pipe", `--user-data-dir=${profile}`],
      {
        stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      },
    );
    return new Browser(child, profile);
  }

  /** Opens a page and asks it for the value of an expression. */
  async visit<T>(
    url: string,
    expression: string,
    { width, scheme = "light" }: VisitOptions,
  ): Promise<Visit<T>> {
    const { targetId } = await this.call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    const page = (method: string, params: object = {}) => this.call(method, params, sessionId as string);
    const console: string[] = [];
    const requests: string[] = [];
    let loaded!: () => void;
    const load = new Promise<void>((resolve) => (loaded = resolve));
    const listen = ({ method, params = {} }: Message): void => {
      if (method === "Page.loadEventFired") loaded();
      if (method === "Network.requestWillBeSent") requests.push((params.request as { url: string }).url);
      if (method === "Log.entryAdded") console.push((params.entry as { text: string }).text);
      if (method === "Runtime.consoleAPICalled" || method === "Runtime.exceptionThrown") {
        console.push(JSON.stringify(params));
      }
    };
    this.listeners.add(listen);
    try {
      for (const domain of ["Page", "Network", "Log", "Runtime"]) await page(`${domain}.enable`);
      const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: false };
      await page("Emulation.setDeviceMetricsOverride", metrics);
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      await page("Emulation.setEmulatedMedia", { features });
      await page("Page.navigate", { url });
      await load;
      const { result } = await page("Runtime.evaluate", { expression, returnByValue: true });
      return { result: (result as { value: T }).value, console, requests };
    } finally {
      this.listeners.delete(listen);
      await this.call("Target.closeTarget", { targetId });
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    await this.call("Browser.close");
    await ended;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private call(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.sent;
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ error, result }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result ?? {}),
      );
    });
  }

  private receive(text: string): void {
    const messages = (this.received + text).split("\0");
    this.received = messages.pop()!;
    for (const message of messages.map((part) => JSON.parse(part) as Message)) {
      if (message.id !== undefined) {
        this.waiting.get(message.id)?.(message);
        this.waiting.delete(message.id);
      } else {
        for (const listener of this.listeners) listener(message);
      }
    }
  }
}

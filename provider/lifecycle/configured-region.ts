import type { ImageEngine } from "../engine/requests";
import { ViolationError } from "../engine/violation";
import { endpointOf, projectFolder, readConfiguration } from "./configuration";
import type { Configuration } from "./configuration";

/** Where a region is, and the folder that relative paths of the program start from. */
export interface Place {
  endpoint: string;
  folder: string;
}

/**
 * The region that a stack's configuration names. It is opened at the first need, and once a process: all kinds of
 * resource share one engine, and so one plan.
 */
export class ConfiguredRegion {
  private config: { readonly [key: string]: unknown } = {};
  private read: ReturnType<typeof readConfiguration> | undefined;
  private opened: Promise<ImageEngine> | undefined;

  constructor(
    private readonly open: (place: Place) => Promise<ImageEngine>,
    private readonly workingFolder = () => process.cwd(),
  ) {}

  /** Only keeps it: what is wrong with it is said where a user sees it, in check. */
  configure(config: { readonly [key: string]: unknown }): void {
    this.config = config;
    this.read = undefined;
  }

  get configuration(): Configuration {
    this.read ??= readConfiguration(this.config);
    return this.read.configuration;
  }

  /** Throws ViolationError for a configuration that is wrong, or a Fault. */
  engine(): Promise<ImageEngine> {
    if (this.opened) return this.opened;
    const opening = this.openNow();
    this.opened = opening;
    // A failure isn't kept: what was in the way may be gone at the next try.
    opening.catch(() => (this.opened = undefined));
    return opening;
  }

  /** Gives back what was opened; the next need opens it again. */
  async close(): Promise<void> {
    const opened = this.opened;
    this.opened = undefined;
    await (await opened?.catch(() => undefined))?.close();
  }

  private async openNow(): Promise<ImageEngine> {
    const { configuration } = this;
    const violations = this.read?.violations ?? [];
    if (violations.length > 0) throw new ViolationError(violations);
    const folder = projectFolder(this.workingFolder()) ?? this.workingFolder();
    return this.open({ endpoint: endpointOf(configuration, folder), folder });
  }
}

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { openRegion } from "../engine/open-region";
import type { ImageEngine } from "../engine/engine";
import { Fault, ViolationError } from "../engine/violation";
import type { Violation } from "../engine/violation";
import { endpointOf, isPath, projectFolder, readConfiguration } from "./configuration";

/**
 * The region that a stack's configuration names. It is opened at the first need, and once: all kinds of resource
 * share one engine, and so one plan.
 */
export class ConfiguredRegion {
  private config: { readonly [key: string]: unknown } = {};
  private opened: Promise<ImageEngine> | undefined;
  private folder: string | undefined;

  /** Only keeps it: what is wrong with it is said where a user sees it, in check. */
  configure(config: { readonly [key: string]: unknown }): void {
    this.config = config;
  }

  /** Throws ViolationError for a configuration that is wrong, or a Fault. */
  engine(): Promise<ImageEngine> {
    if (this.opened) return this.opened;
    const opening = this.open();
    this.opened = opening;
    // A failure isn't kept: what was in the way may be gone at the next try.
    opening.catch(() => (this.opened = undefined));
    return opening;
  }

  /**
   * The engine for what stands already. Where nothing was ever made there is no folder: then the configuration names
   * the wrong one, and nothing may pass for gone because of that.
   */
  async standing(): Promise<ImageEngine> {
    const engine = await this.engine();
    const endpoint = this.endpoint();
    if (isPath(endpoint) && !existsSync(endpoint)) {
      throw new Fault(`Looking for the region at ${endpoint}`, {
        says: "there is none",
        left: "See images:endpoint. If the region was deleted, remove its resources from the state",
      });
    }
    return engine;
  }

  /** A path as the program writes it: from the folder of `Pulumi.yaml`. */
  pathOf(path: string): string {
    this.folder ??= projectFolder(process.cwd());
    return resolve(this.folder, path);
  }

  /** Gives back what was opened; the next need opens it again. */
  async close(): Promise<void> {
    const opened = this.opened;
    this.opened = undefined;
    await (await opened?.catch(() => undefined))?.close();
  }

  private async open(): Promise<ImageEngine> {
    const { configuration, violations } = readConfiguration(this.config);
    if (violations.length > 0) throw new ViolationError(violations);
    const { region, account } = configuration;
    try {
      return await openRegion({ endpoint: this.endpoint(), region, account });
    } catch (error) {
      if (!ViolationError.is(error)) throw error;
      throw new ViolationError(error.violations.map(asConfigured));
    }
  }

  private endpoint(): string {
    return endpointOf(readConfiguration(this.config).configuration, this.pathOf("."));
  }
}

/** An option of the region is the key of the configuration that gives it. */
function asConfigured({ property, reason }: Violation): Violation {
  return { property: property && `images:${property}`, reason };
}

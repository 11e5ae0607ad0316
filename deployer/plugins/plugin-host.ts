import path from "node:path";
import { preload } from "../program/child-process";
import { UserError } from "../user-error";
import type { Sdk } from "../wire/sdk";
import { findPlugin } from "./plugin-finder";
import { startPlugin } from "./plugin-process";
import type { RunningPlugin } from "./plugin-process";
import { connectProvider } from "./provider-client";
import type { ProviderClient } from "./provider-client";
import { dialProvider, talkToProvider } from "./provider-rpc";
import type { ProviderRpc } from "./provider-rpc";

/** The package whose provider is the SDK's own host of dynamic providers. */
export const DYNAMIC_PACKAGE = "pulumi-nodejs";

export interface PluginHostOptions {
  sdk: Sdk;
  project: string;
  programDir: string;
  /** Configuration as a program is given it: JSON of `ns:config:key` → value. */
  configJson: string;
  /** Where plugins report to. */
  engineAddress: string;
  onLine(line: string): void;
}

/** Starts providers' plugins, each load its own instance, and ends all of them. */
export class PluginHost {
  private readonly running: RunningPlugin[] = [];
  private readonly clients: ProviderClient[] = [];
  private dynamic: Promise<RunningPlugin> | undefined;

  constructor(private readonly options: PluginHostOptions) {}

  /** Starts the dynamic provider ahead of its first use: its start takes as long as the program's. */
  startDynamicProvider(): void {
    this.dynamic ??= this.start(DYNAMIC_PACKAGE, undefined);
    this.dynamic.catch(() => {});
  }

  /** @throws UserError where the plugin isn't installed or doesn't start. */
  async load(name: string, version: string | undefined): Promise<ProviderClient> {
    const { sdk, engineAddress } = this.options;
    const client = await connectProvider(sdk, name, await this.reach(name, version), engineAddress);
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await this.dynamic?.catch(() => {});
    this.clients.forEach((client) => client.close());
    await Promise.all(this.running.map((plugin) => plugin.close()));
  }

  kill(): void {
    this.running.forEach((plugin) => plugin.kill());
  }

  private async reach(name: string, version: string | undefined): Promise<ProviderRpc> {
    const { sdk } = this.options;
    if (name === "random" && !findPlugin(name, version)) {
      const { randomClient } = await import("../random/random-client.js");
      return randomClient(sdk);
    }
    const ahead = name === DYNAMIC_PACKAGE ? this.dynamic : undefined;
    if (ahead) this.dynamic = undefined;
    const plugin = await (ahead ?? this.start(name, version));
    return plugin.pipe ? talkToProvider(sdk, plugin.pipe) : dialProvider(sdk, plugin.port);
  }

  private async start(name: string, version: string | undefined): Promise<RunningPlugin> {
    const plugin = await this.launch(name, version);
    this.running.push(plugin);
    return plugin;
  }

  private async launch(name: string, version: string | undefined): Promise<RunningPlugin> {
    const { sdk, project, programDir, configJson, engineAddress, onLine } = this.options;
    const common = {
      name,
      cwd: programDir,
      env: { PULUMI_NODEJS_PROJECT: project, PULUMI_PROJECT: project, PULUMI_CONFIG: configJson },
    };
    if (name === DYNAMIC_PACKAGE) {
      const host = path.join(sdk.dir, "cmd", "dynamic-provider", "index.js");
      const args = [...preload("preload-provider.js"), host, engineAddress];
      // Providers work on files; four threads would make sixteen steps wait for each other.
      const env = { ...common.env, UV_THREADPOOL_SIZE: "16" };
      return startPlugin({ ...common, command: process.execPath, args, env, piped: true }, onLine);
    }
    const executable = findPlugin(name, version);
    if (executable) return startPlugin({ ...common, command: executable, args: [engineAddress] }, onLine);
    throw new UserError(
      `The plugin for "${name}" ${version ? `of version ${version} ` : ""}isn't installed: ` +
        `no pulumi-resource-${name} in Pulumi's plugin folder or on PATH. ` +
        `"pulumi plugin install resource ${name}${version ? ` ${version}` : ""}" installs it.`,
    );
  }
}

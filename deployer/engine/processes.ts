import type { DeploymentEvent, Emit } from "../display/events";
import { DYNAMIC_PACKAGE, PluginHost } from "../plugins/plugin-host";
import { configJson, programFolder, startProgram } from "../program/program-run";
import type { ProgramRun } from "../program/program-run";
import type { Snapshot } from "../state/resource-state";
import type { Sdk } from "../wire/sdk";
import { loadSdk } from "../wire/sdk";
import { packageOf } from "../wire/urn";
import type { Monitor } from "./monitor";
import { startMonitor } from "./monitor";
import type { RunOptions } from "./options";

/** What of it is started ahead. */
export interface Wanted {
  preview: boolean;
  program?: boolean;
  /** Nothing is asked of providers: none is started ahead. */
  asksNothing?: boolean;
}

/**
 * What a run deals with: its monitor, providers and program. They start while the run itself is still made ready; what
 * they ask waits until it is, and what they say is told then.
 */
export class Processes {
  program?: ProgramRun;
  private emit?: Emit;
  private readonly said: DeploymentEvent[] = [];

  private constructor(
    readonly sdk: Sdk,
    readonly programDir: string,
    readonly monitor: Monitor,
    private readonly options: RunOptions,
    readonly plugins = new PluginHost({
      sdk,
      project: options.project.name,
      programDir,
      configJson: configJson(options.stack.config),
      engineAddress: monitor.address,
      onLine: (message) => this.say({ type: "diagnostic", severity: "info", message }),
    }),
  ) {}

  static async start(options: RunOptions, base: Snapshot, wanted: Wanted): Promise<Processes> {
    const { project, stack, parallel = 16 } = options;
    const { preview } = wanted;
    const { dir: programDir } = programFolder(project);
    const sdk = loadSdk(programDir);
    const monitor = await startMonitor(sdk, {
      project: project.name,
      stack: stack.name,
      config: stack.config,
      secretKeys: stack.secretKeys,
      preview,
      parallel,
      projectDir: project.dir,
      programDir,
    });
    const processes = new Processes(sdk, programDir, monitor, options);
    if (!wanted.asksNothing && usesDynamicProvider(base)) processes.plugins.startDynamicProvider();
    if (wanted.program) processes.startProgram(preview);
    return processes;
  }

  /** Tells what was said so far, and from now on what is said. */
  tellTo(emit: Emit): void {
    this.emit = emit;
    this.said.splice(0).forEach(emit);
  }

  /** Ends all but the program, which ends by itself. */
  async close(): Promise<void> {
    await this.plugins.close();
    this.monitor.close();
  }

  /** The run can't begin after all. */
  async abandon(): Promise<void> {
    this.program?.kill();
    await this.close();
  }

  private startProgram(preview: boolean): void {
    const { project, stack, parallel = 16 } = this.options;
    this.program = startProgram({
      sdk: this.sdk,
      project,
      stack,
      typescript: project.runtime?.typescript ?? true,
      nodeArgs: project.runtime?.nodeArgs ?? [],
      address: this.monitor.address,
      preview,
      parallel,
      onLine: (line, stream) => this.say({ type: "output", stream, line }),
    });
    this.monitor.listenTo(this.program.pipe);
    this.program.ended.catch(() => {});
  }

  private say(event: DeploymentEvent): void {
    if (this.emit) this.emit(event);
    else this.said.push(event);
  }
}

/** Whether the program or the state is likely to need the host of dynamic providers. */
function usesDynamicProvider(base: Snapshot): boolean {
  return (
    base.resources.length === 0 || base.resources.some(({ type }) => packageOf(type) === DYNAMIC_PACKAGE)
  );
}

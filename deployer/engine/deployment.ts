import type { Emit } from "../display/events";
import type { PluginHost } from "../plugins/plugin-host";
import type { CheckResult } from "../plugins/provider-results";
import type { ResourceState, Snapshot } from "../state/resource-state";
import type { UpdateSession } from "../state/stack-store";
import { UserError } from "../user-error";
import { withAssetHashes } from "../wire/assets";
import { deepEquals } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { isProviderType, packageOf, ROOT_STACK_TYPE } from "../wire/urn";
import { Base } from "./base";
import { CheckFailed } from "./check-failed";
import { DefaultProviders } from "./default-providers";
import { planDeletions, runDeletions } from "./deletions";
import { Executor, Stopped } from "./executor";
import { Inheritance } from "./inheritance";
import type { Answer, Invocation, MonitorBackend } from "./monitor";
import type { RunOptions } from "./options";
import { Planner } from "./planner";
import type { Plan } from "./planner";
import type { Processes } from "./processes";
import type { Provider } from "./provider";
import { ProviderRegistry, withVersion } from "./provider-registry";
import type { Reading, Registration } from "./registration";
import { Reporter } from "./reporter";
import { hidingSecrets, recordingNoSecrets, SecretTexts } from "./secret-texts";

export interface DeploymentOptions extends RunOptions {
  processes: Processes;
  preview: boolean;
  /** Absent in a preview. */
  session?: UpdateSession;
  base: Snapshot;
}

/** One pass over a stack: what a program registers is planned and done, in a preview only planned. */
export class Deployment implements MonitorBackend {
  readonly executor: Executor;
  readonly base: Base;
  readonly providers: ProviderRegistry;
  readonly plugins: PluginHost;
  readonly reporter: Reporter;
  private readonly planner: Planner;
  private readonly inheritance = new Inheritance();
  /** What is told by it has no secret in it. */
  readonly emit: Emit;
  private readonly secrets = new SecretTexts();
  private readonly defaults: DefaultProviders;
  private admission: Promise<unknown> = Promise.resolve();
  private stack: { state: ResourceState; number: number; outputs?: PropertyMap } | undefined;

  constructor(private readonly options: DeploymentOptions) {
    const { processes, project, stack, preview, session } = options;
    const emit = (this.emit = hidingSecrets(options.emit, this.secrets));
    for (const key of stack.secretKeys) this.secrets.learnConfig(stack.config[key] ?? "");
    for (const { inputs, outputs } of options.base.resources) this.secrets.learn(inputs, outputs);
    this.base = new Base(options.base);
    this.executor = new Executor({
      preview,
      parallel: options.parallel ?? 16,
      emit,
      session: session && recordingNoSecrets(session, this.secrets),
    });
    this.reporter = new Reporter(emit, this.executor, project.dir);
    this.plugins = processes.plugins;
    this.providers = new ProviderRegistry(this.plugins, (reference) => this.base.provider(reference));
    this.planner = new Planner({
      project: project.name,
      stack: stack.name,
      preview,
      base: this.base,
      providers: this.providers,
      emit,
    });
    this.defaults = new DefaultProviders(stack, (it) => this.registerDefaultProvider(it));
    processes.tellTo(emit);
    processes.monitor.serve(this);
  }

  async register(given: Registration): Promise<Answer> {
    this.secrets.learn(given.inputs);
    return this.guarded(given, async () => {
      const registration = this.inheritance.apply(given);
      const { plan, reference } = await this.inTurn(async () => {
        const { provider, reference } = await this.providerOf(registration);
        return { plan: this.planner.register(registration, reference, provider), reference };
      });
      let planned: Plan;
      try {
        planned = await plan;
      } catch (error) {
        if (!(error instanceof CheckFailed) || !this.options.preview) throw error;
        return this.answerRefused(error, registration, reference);
      }
      const { state } = planned;
      this.inheritance.remember(state.urn, registration, reference);
      await this.executor.run(planned.steps);
      if (registration.type === ROOT_STACK_TYPE) this.stack = planned;
      // The outputs of a component are registered later; those of an earlier run may name what isn't there yet.
      return { urn: state.urn, id: state.id ?? "", outputs: state.custom ? (state.outputs ?? {}) : {} };
    });
  }

  async read(reading: Reading): Promise<Answer> {
    return this.guarded(reading, async () => {
      const { plan } = await this.inTurn(async () => {
        const reference =
          reading.provider || (await this.defaults.get(packageOf(reading.type), reading.version));
        return { plan: this.planner.read(reading, reference, await this.providers.get(reference)) };
      });
      const { steps, state } = await plan;
      await this.executor.run(steps);
      return { urn: state.urn, id: state.id ?? "", outputs: state.outputs ?? {} };
    });
  }

  async registerOutputs(urn: string, given: PropertyMap): Promise<void> {
    const outputs = withAssetHashes(given, this.options.processes.programDir);
    this.secrets.learn(outputs);
    if (this.stack?.state.urn === urn) {
      this.stack.outputs = outputs;
      return;
    }
    const planned = this.planner.planOf(urn);
    if (!planned) throw new UserError(`Outputs were registered for ${urn}, which isn't in the program.`);
    this.putOutputs(planned, outputs);
  }

  async invoke({ token, args, provider, version }: Invocation): Promise<CheckResult> {
    this.secrets.learn(args);
    return this.guarded({}, async () => {
      if (token === "pulumi:pulumi:getResource") return this.getResource(args);
      const packageName = packageOf(token);
      const { client } = await this.inTurn(async () => {
        const reference = provider || (await this.defaults.get(packageName, version));
        return { client: await this.providers.get(reference) };
      });
      const result = await client.invoke(token, args, this.options.preview);
      this.secrets.learn(result.inputs);
      return result;
    });
  }

  log(...message: Parameters<MonitorBackend["log"]>): void {
    this.reporter.log(...message);
  }

  refuse(refusal: Error, { position }: { position?: string }): Error {
    this.reporter.fail(refusal.message, position);
    return new Stopped();
  }

  /** Deletes what the program doesn't have; for a program that has ended well. */
  async deleteTheRest(): Promise<void> {
    const { steps, protectedResources } = await planDeletions(this.base, this.planner);
    for (const { state } of protectedResources) this.reporter.isProtected(state.urn);
    await runDeletions(steps, this.executor);
  }

  /** Puts the stack's outputs in place: the last thing of a run. Those of a failed run don't take old ones away. */
  finishOutputs(succeeded: boolean): void {
    if (!this.stack?.outputs) return;
    const old = this.base.find(this.stack.state.urn)?.state.outputs;
    const outputs = succeeded ? this.stack.outputs : { ...old, ...this.stack.outputs };
    this.putOutputs(this.stack, outputs);
    if (succeeded) this.emit({ type: "outputs", outputs, old });
  }

  close(): Promise<void> {
    return this.options.processes.close();
  }

  /** What failed is told once, and ends the run; the program goes quiet. */
  private async guarded<T>(at: { name?: string; position?: string }, work: () => Promise<T>): Promise<T> {
    if (this.executor.stopped) throw new Stopped();
    try {
      return await work();
    } catch (error) {
      if (error instanceof Stopped) throw error;
      if (error instanceof CheckFailed) this.reporter.refused(error);
      else this.reporter.failWith(error as Error, at);
      this.executor.fail();
      throw new Stopped();
    }
  }

  /** A preview goes on after a refusal, to find all that there are: the program gets what is known of the resource. */
  private answerRefused(error: CheckFailed, registration: Registration, reference: string): Answer {
    this.reporter.refused(error);
    const { urn, inputs } = error.state;
    this.inheritance.remember(urn, registration, reference);
    return { urn, id: this.base.find(urn)?.state.id ?? "", outputs: inputs ?? {} };
  }

  /** Does the beginnings of registrations one after the other, in the order in which they came. */
  private async inTurn<T extends object>(work: () => Promise<T>): Promise<T> {
    const done = this.admission.then(work);
    this.admission = done.catch(() => {});
    return done;
  }

  private async providerOf(registration: Registration): Promise<{ provider?: Provider; reference: string }> {
    if (!registration.custom) return { reference: "" };
    if (isProviderType(registration.type)) {
      registration.inputs = withVersion(registration.inputs, registration.version);
      return { provider: this.providers, reference: "" };
    }
    const packageName = packageOf(registration.type);
    const reference = registration.provider || (await this.defaults.get(packageName, registration.version));
    return { provider: await this.providers.get(reference), reference };
  }

  private async registerDefaultProvider(registration: Registration): Promise<string> {
    const { steps, state } = await this.planner.register(registration, "", this.providers);
    await this.executor.run(steps);
    return `${state.urn}::${state.id}`;
  }

  private getResource(args: PropertyMap): CheckResult {
    const urn = String(args["urn"]);
    const state = this.planner.planOf(urn)?.state;
    if (!state) throw new UserError(`The program refers to ${urn}, which isn't in it.`);
    return { inputs: { urn, id: state.id ?? "", state: state.outputs ?? {} }, failures: [] };
  }

  private putOutputs(planned: { state: ResourceState; number: number }, outputs: PropertyMap): void {
    const { state, number } = planned;
    const old = state.outputs ?? {};
    // A null stands in the state, where it equals what isn't there otherwise.
    const changed = !deepEquals(old, outputs) || Object.keys(old).length !== Object.keys(outputs).length;
    state.outputs = outputs;
    if (changed) this.executor.record({ kind: "change", target: { step: number }, state: { ...state } });
  }
}

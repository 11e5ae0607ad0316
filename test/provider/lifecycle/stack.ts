import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ViolationError } from "../../../provider/engine/violation";
import { ConfiguredRegion } from "../../../provider/lifecycle/configured-region";
import { imageConversion } from "../../../provider/lifecycle/image-conversion";
import { imageExport } from "../../../provider/lifecycle/image-export";
import { imageReplica } from "../../../provider/lifecycle/image-replica";
import { imageShare } from "../../../provider/lifecycle/image-share";
import { instance } from "../../../provider/lifecycle/instance";
import type { Lifecycle, Properties } from "../../../provider/lifecycle/lifecycle";
import { privateImage } from "../../../provider/lifecycle/private-image";
import { ResourceLifecycle } from "../../../provider/lifecycle/resource-lifecycle";
import { newRegion } from "../../support/regions/region-under-test";
import type { TestRegion } from "../../support/regions/test-region";
import { volume } from "../../../provider/lifecycle/volume";

export type Class =
  "PrivateImage" | "ImageShare" | "ImageConversion" | "ImageReplica" | "ImageExport" | "Instance" | "Volume";

export function urnOf(type: Class, name: string): string {
  return `urn:pulumi:stack::project::pulumi-nodejs:dynamic/images:${type}::${name}`;
}

/** What Pulumi keeps of a resource. */
export interface State {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** A stack on a region of its own: runs resources through their lifecycles as Pulumi does. */
export class Stack {
  readonly states = new Map<string, State>();
  private provider = new ConfiguredRegion();
  private closing: Promise<unknown> = Promise.resolve();

  /** `folder`: for files that programs name. */
  private constructor(
    private readonly region: TestRegion,
    readonly folder: string,
  ) {
    this.newRun();
  }

  static async create(regionFile?: string): Promise<Stack> {
    return new Stack(await newRegion(regionFile), await mkdtemp(join(tmpdir(), "images-lifecycle-")));
  }

  /** A stack with all that this one has, whose changes leave this one as it is. */
  async copy(): Promise<Stack> {
    await this.closed();
    const region = await this.region.copy();
    const copy = new Stack(region, await mkdtemp(join(tmpdir(), "images-lifecycle-")));
    for (const [name, state] of this.states) copy.states.set(name, state);
    return copy;
  }

  get endpoint(): string {
    return this.region.endpoint;
  }

  applyRegion(regionFile: string): Promise<void> {
    return this.region.apply(regionFile);
  }

  /** Each run of Pulumi has a provider process of its own. */
  newRun(config: Properties = {}): void {
    void this.closed();
    this.provider = new ConfiguredRegion();
    this.provider.configure({ "images:endpoint": this.region.endpoint, ...config });
  }

  /** Nothing of earlier runs writes into the folder any more. */
  closed(): Promise<unknown> {
    this.closing = Promise.all([this.closing, this.provider.close()]);
    return this.closing;
  }

  engine() {
    return this.provider.engine();
  }

  lifecycle(type: Class): Lifecycle {
    const { provider: region } = this;
    switch (type) {
      case "PrivateImage":
        return new ResourceLifecycle(region, privateImage);
      case "ImageShare":
        return new ResourceLifecycle(region, imageShare);
      case "ImageConversion":
        return new ResourceLifecycle(region, imageConversion);
      case "ImageReplica":
        return new ResourceLifecycle(region, imageReplica);
      case "ImageExport":
        return new ResourceLifecycle(region, imageExport);
      case "Instance":
        return new ResourceLifecycle(region, instance);
      case "Volume":
        return new ResourceLifecycle(region, volume);
    }
  }

  async check(type: Class, name: string, args: Properties, olds = this.states.get(name)?.inputs ?? {}) {
    const news = { __provider: "text", declaredBy: urnOf(type, name), ...args };
    const { inputs, violations } = await this.lifecycle(type).check(olds, news);
    return { inputs: onTheWire(inputs), violations };
  }

  async read(type: Class, id: string, properties: Properties): Promise<State | undefined> {
    const found = await this.lifecycle(type).read(id, properties);
    return found && onTheWire({ ...found });
  }

  /** Checks, compares, and creates, updates or leaves a resource; returns what was done. */
  async up(type: Class, name: string, args: Properties): Promise<"create" | "update" | "same" | "replace"> {
    const lifecycle = this.lifecycle(type);
    const { inputs, violations } = await this.check(type, name, args);
    if (violations.length > 0)
      throw new Error(violations.map((v) => `${v.property}: ${v.reason}`).join("\n"));
    const state = this.states.get(name);
    if (!state) {
      this.states.set(name, { inputs, ...onTheWire(await lifecycle.create(inputs)) });
      return "create";
    }
    const { changes, replaces } = lifecycle.diff(state.id, state.outputs, inputs);
    if (replaces.length > 0) return "replace";
    if (changes) {
      const outputs = onTheWire(await lifecycle.update(state.id, state.outputs, inputs));
      this.states.set(name, { ...state, inputs, outputs });
      return "update";
    }
    this.states.set(name, { ...state, inputs });
    return "same";
  }

  /**
   * What a preview says of one changed resource, and what comes of it where nobody listens to the preview: "same",
   * "update", "replace", or why it is refused. It ends as up leaves it.
   */
  async change(type: Class, name: string, args: Properties): Promise<{ preview: string; up: string }> {
    this.newRun();
    const preview = await this.step(type, name, args, false);
    this.newRun();
    const up = await this.step(type, name, args, true).catch((error: Error) => {
      if (!ViolationError.is(error)) throw error;
      return error.message;
    });
    return { preview, up };
  }

  private async step(type: Class, name: string, args: Properties, act: boolean): Promise<string> {
    const lifecycle = this.lifecycle(type);
    const { id, outputs } = this.state(name);
    const { inputs, violations } = await this.check(type, name, args);
    if (!act && violations.length > 0) return new ViolationError(violations).message;
    const { changes, replaces, deleteBeforeReplace } = lifecycle.diff(id, outputs, inputs);
    if (!changes) return "same";
    if (replaces.length === 0) {
      if (act) await lifecycle.update(id, outputs, inputs);
      return "update";
    }
    if (act && deleteBeforeReplace) await lifecycle.delete(id, outputs);
    const again = await this.check(type, name, args, {});
    if (!act) return again.violations.length > 0 ? new ViolationError(again.violations).message : "replace";
    await lifecycle.create(again.inputs);
    if (!deleteBeforeReplace) await lifecycle.delete(id, outputs);
    return "replace";
  }

  state(name: string): State {
    return this.states.get(name)!;
  }

  async destroy(): Promise<void> {
    await this.closed();
    await this.region.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface ProtobufStruct {
  fromJavaScript(value: object): { toJavaScript(): unknown };
}
const { Struct } = createRequire(require.resolve("@pulumi/pulumi"))(
  "google-protobuf/google/protobuf/struct_pb",
) as { Struct: ProtobufStruct };

/** As it goes over Pulumi's wire, which refuses what isn't JSON. */
function onTheWire<T>(value: T): T {
  return Struct.fromJavaScript(value as object).toJavaScript() as T;
}

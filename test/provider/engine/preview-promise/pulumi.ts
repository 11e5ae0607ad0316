import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import type {
  ImageRecord,
  InstanceRecord,
  Kind,
  Kinds,
  OsFacts,
  ShareRecord,
  VolumeRecord,
} from "../../../../provider/engine/model";
import type { Operations } from "../../../../provider/engine/engine";
import type { Maybe, Reference } from "../../../../provider/engine/requests";
import { byId, byName, CENTOS, reasons } from "../world";
import type { TestRun } from "../world";
import type { Declared, Step, StepKind } from "./programs";

const OS: OsFacts = { osType: "linux", osName: "Own" };

interface Standing {
  id: string;
  token: string;
  declared: Declared;
  record: Kinds[Kind];
}
export type State = Map<string, Standing>;

/** A stand-in for Pulumi: the order of its calls, and nothing else. */
export class Pulumi {
  private readonly old: State;
  private readonly made = new Map<string, string>();
  /** What is deleted before its replacement, by its own wish or with what it depends on. */
  private readonly deletedFirst = new Set<string>();

  constructor(
    private readonly run: TestRun,
    private readonly state: State,
    private readonly declared: Declared[],
    private readonly deleteBeforeReplace: readonly StepKind[],
    /** Where its disk files are. */
    private readonly folder: string,
  ) {
    this.old = new Map(state);
  }

  /** Checks everything in turn; returns what is refused. In a preview the ID of what will be made isn't known. */
  async preview(): Promise<string> {
    let refused = "";
    for (const one of this.declared) {
      const { reasons } = await this.check(one, (name) =>
        this.old.has(name) && !this.isReplaced(name) ? byId(this.old.get(name)!.id) : byName(name),
      );
      refused += reasons;
    }
    return refused;
  }

  /** Checks and makes everything in turn, then deletes what was replaced or dropped. */
  async up(): Promise<string> {
    let refused = "";
    for (const one of this.declared) {
      const { reasons, request, replaced } = await this.check(one, (name) =>
        byId(this.made.get(name) ?? this.old.get(name)!.id),
      );
      refused += reasons;
      const standing = this.old.get(one.name);
      if (standing && !replaced) {
        const record = await operations(this.run, one.step).update(standing.id, request as never);
        this.state.set(one.name, { ...standing, declared: one, record });
        continue;
      }
      if (standing && this.deletedFirst.has(one.name)) await this.delete(one.name);
      const record = await operations(this.run, one.step).create(request as never);
      const { id } = record;
      this.made.set(one.name, id);
      this.state.set(one.name, { id, token: request.declaration.creationToken, declared: one, record });
    }
    const names = new Set(this.declared.map(({ name }) => name));
    for (const name of [...this.old.keys()].reverse()) {
      if (this.made.has(name) ? !this.deletedFirst.has(name) : !names.has(name)) await this.delete(name);
      if (!names.has(name)) this.state.delete(name);
    }
    return refused;
  }

  private async check({ name, ...rest }: Declared, known: (name: string) => Reference) {
    const one = { name, ...rest };
    const { step } = one;
    const source = one.source === undefined ? undefined : known(one.source);
    const replaced = this.isReplaced(name);
    const deleteBeforeReplace = this.deleteBeforeReplace.includes(step.kind);
    const base = { account: step.account, deleteBeforeReplace };
    const standing = this.old.get(name);
    let found = "";
    // What is gone already has no old inputs.
    if (standing && !this.deletedFirst.has(name)) {
      const kept = requestOf(this.run, one, source, { ...base, oldToken: standing.token }, this.folder);
      found = reasons(await operations(this.run, step).check(kept as never));
      kept.declaration.creationToken = standing.token;
      if (!replaced) return { reasons: found, replaced, request: kept };
      if (deleteBeforeReplace) this.deleteFirst(name);
    }
    const request = requestOf(this.run, one, source, base, this.folder);
    found += reasons(await operations(this.run, step).check(request as never));
    return { reasons: found, replaced, request };
  }

  private isReplaced(name: string): boolean {
    const standing = this.old.get(name);
    const now = this.declared.find((one) => one.name === name);
    if (!standing || !now) return false;
    if (this.deletedFirst.has(name)) return true;
    const { step, source, file } = standing.declared;
    if (step.account !== now.step.account) return true;
    if (now.step.kind === "instance") return isReplacedBy(standing.record, now.step);
    if (source !== now.source || file !== now.file) return true;
    return (source !== undefined && this.isReplaced(source)) || isReplacedBy(standing.record, now.step);
  }

  /** With what is deleted first goes what depends on it in the state and can't do without: all but instances. */
  private deleteFirst(name: string): void {
    this.deletedFirst.add(name);
    for (const [dependent, { declared }] of this.old) {
      if (declared.source === name && declared.step.kind !== "instance") this.deleteFirst(dependent);
    }
  }

  private gone = new Set<string>();
  private async delete(name: string): Promise<void> {
    if (this.gone.has(name)) return;
    this.gone.add(name);
    for (const [dependent, { declared }] of this.old) {
      if (declared.source === name && this.deletedFirst.has(dependent)) await this.delete(dependent);
    }
    const { id, declared } = this.old.get(name)!;
    await operations(this.run, declared.step).remove(id);
  }
}

/** Whether a program says other things of what stands than can change in place. */
function isReplacedBy(record: Kinds[Kind], step: Step): boolean {
  switch (step.kind) {
    case "instance": {
      const { architecture, systemDisk, dataDisks } = record as InstanceRecord;
      const stated = dataDisks.filter(({ fromImage }) => !fromImage).map(({ size }) => size);
      return (
        step.type !== architecture ||
        step.size !== systemDisk.size ||
        !isDeepStrictEqual(step.dataDisks, stated)
      );
    }
    case "volume":
      return step.size !== undefined && step.size !== (record as VolumeRecord).disk.size;
    case "image": {
      const { source, imageType, os, encrypted } = record as ImageRecord;
      const { fileFormat = "raw" } = step;
      return (
        (step.imageType ?? (source?.type === "volume" ? "data" : "system")) !== imageType ||
        step.device !== source?.device ||
        (source?.type === "file" && fileFormat !== source.fileFormat) ||
        (step.statesOs === true && !isDeepStrictEqual(OS, os)) ||
        (step.encrypted !== undefined && step.encrypted !== encrypted)
      );
    }
    case "replica": {
      const { encrypted, quickProvisioning = false } = record as ImageRecord;
      const other = step.encrypted !== undefined && step.encrypted !== encrypted;
      return other || (step.quick ?? false) !== quickProvisioning;
    }
    case "share":
      return step.member !== (record as ShareRecord).memberId;
    case "conversion":
      return false;
  }
}

function operations(run: TestRun, { kind }: Step): Operations<never, unknown, Kinds[Kind]> {
  const { engine } = run;
  return {
    instance: engine.instances,
    volume: engine.volumes,
    image: engine.images,
    conversion: engine.conversions,
    replica: engine.replicas,
    share: engine.shares,
  }[kind];
}

function requestOf(
  run: TestRun,
  { name, step, source: declaredSource, file }: Declared,
  source: Reference | undefined,
  declaration: { account: Maybe<string>; oldToken?: string; deleteBeforeReplace: boolean },
  folder: string,
) {
  const reference = source ?? byId(declaredSource ?? "img-none");
  switch (step.kind) {
    case "instance": {
      const { type, size } = step;
      const dataDisks = step.dataDisks.map((size) => ({ size }));
      const made = { image: source ?? byId(CENTOS), systemDisk: { type, size }, dataDisks };
      return run.instance(name, made, declaration);
    }
    case "volume":
      return run.volume(name, { image: source, size: step.size }, declaration);
    case "image": {
      const { imageType, device, encrypted, fileFormat, stated: architecture, minDisk } = step;
      const os = step.statesOs ? OS : undefined;
      const imageFile = file && join(folder, file);
      const said = { imageType, device, encrypted, fileFormat, architecture, minDisk, os, imageFile };
      const isVolume = declaredSource?.startsWith("volume") === true;
      const instance = isVolume || file !== undefined ? undefined : reference;
      const volume = isVolume ? reference : undefined;
      return run.image(name, instance, { ...said, volume }, declaration);
    }
    case "conversion":
      return run.conversion(name, reference, {}, declaration);
    case "replica": {
      const { encrypted, quick: quickProvisioning } = step;
      return run.replica(name, reference, { encrypted, quickProvisioning }, declaration);
    }
    case "share":
      return run.share(name, reference, step.member, {}, declaration);
  }
}

import { isDeepStrictEqual } from "node:util";
import { describe, nameInProgram } from "../messages";
import * as say from "../messages";
import type { Disk, InstanceRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { InstanceFacts, InstanceRequest, Maybe, Operations, Report } from "../requests";
import { alikeRule } from "../rules/adoption";
import { servesInstanceRule, statedArchitectureRule } from "../rules/architecture";
import { nameRule, tagsRule } from "../rules/naming";
import { DATA_DISK, diskSizeRule, holdsImageRule, SYSTEM_DISK } from "../rules/sizes";
import { activeRule, existsRule, oneSourceRule, visibleRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Scope } from "../scope";
import type { Violation } from "../violation";
import { asFault, judgeChange } from "./changes";
import type { Assessment, Recipe, Role } from "./creation";
import { settleTags } from "./image-settings";
import { dataDevice, fillDisks, judgeDiskFile, rebuild } from "./instance-disks";
import { osFacts } from "./private-images";
import { idOf, isMember, reach } from "./references";
import { operationsOf } from "./operations";
import type { Run } from "./run";

/** VMs with their disks. */
export function instances(run: Run): Operations<InstanceRequest, InstanceFacts, InstanceRecord> {
  const recipe = instanceRecipe(run);
  return {
    ...operationsOf(run, recipe, instanceFacts),
    update: (id, request, report) => update(run, recipe, id, request, report),
  };
}

function instanceRecipe(run: Run): Recipe<"instance", InstanceRequest> {
  return {
    kind: "instance",
    noun: "instance",
    idPrefix: "i",
    assess: (facts, request, role) => assess(run, facts, request, role),
    matches: (facts, request, record) => matches(facts, request, record),
    contents: (instance) => [instance.systemDisk, ...instance.dataDisks].map(({ id }) => id),
    fill: (instance, from, report) => fillDisks(run, instance, from, report),
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: InstanceRequest,
  role: Role<"instance">,
): Promise<Assessment<"instance">> {
  const { declaration, systemDisk, diskFile } = request;
  const { standing } = role;
  const scope = run.scopes.settle(declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  /** An image that isn't on the system disk yet: at create, and at rebuild. */
  const fresh = image && idOf(image) !== standing?.imageId ? image : undefined;
  const type = systemDisk.type;
  const file = await newDiskFile(run, request, role);
  const size = systemDisk.size ?? standing?.systemDisk.size ?? defaultSize(image, file);
  const keptName = request.adoptId !== undefined ? standing?.name : undefined;
  const name = request.name ?? keptName ?? nameInProgram(declaration.declaredBy);
  const replaced = role.as === "keep" && standing !== undefined && isReplaced(request, standing);
  const violations = [
    ...nameRule(name),
    ...tagsRule(request.tags ?? {}),
    ...diskSizeRule("systemDisk.size", size, SYSTEM_DISK),
    ...dataDiskRules(request),
    ...statedArchitectureRule(request.architecture, type, "its system disk (systemDisk.type)"),
  ];
  if (role.as === "create") {
    const stated = { imageId: image !== undefined, diskFile: diskFile !== undefined };
    violations.unshift(...oneSourceRule("An instance", stated));
    if (image && !diskFile && request.os !== undefined) {
      violations.push(say.osIsInherited(image.record ? describe("image", image.record) : "its image"));
    }
  }
  if (file) {
    violations.push(...file.violations);
    violations.push(
      ...holdsImageRule("systemDisk.size", size, file.needs ?? UNKNOWN, `file ${diskFile as string}`),
    );
  }
  if (role.as !== "keep") violations.unshift(...scope.violations);
  if (fresh && role.as !== "adopt" && !replaced) {
    violations.push(...(await imageViolations(facts, fresh, scope, type, size)));
  }
  if (role.as === "adopt" && standing) violations.push(...unlike(request, image, standing));
  const made = standing && (!fresh || role.as === "adopt") ? {} : madeFrom(request, image);
  const draft: DraftOf<"instance"> = {
    ...(standing ?? blank(request, role, type, size)),
    ...made,
    id: role.id,
    region: scope.region,
    account: scope.account,
    name,
    tags: settleTags(request.tags ?? (request.adoptId !== undefined ? standing?.tags : undefined)),
    origin: role.origin,
  };
  const mappings = image?.record?.deviceMappings;
  return {
    violations,
    draft,
    from: mappings && isKnown(mappings) ? mappings[0]?.id : undefined,
    replaced,
  };
}

/** What is to be known of the disk file of an instance that is to be made. */
function newDiskFile(run: Run, { diskFile }: InstanceRequest, role: Role<"instance">) {
  if (role.as !== "create" || diskFile === undefined || !isKnown(diskFile)) return undefined;
  return judgeDiskFile(run, diskFile);
}

type Blank = Omit<DraftOf<"instance">, "id" | "region" | "account" | "name" | "tags">;

function blank(
  request: InstanceRequest,
  role: Role<"instance">,
  architecture: InstanceRequest["systemDisk"]["type"],
  size: Maybe<number>,
): Blank {
  const sizes = request.dataDisks === undefined ? [] : dataSizes(request.dataDisks);
  return {
    createdAt: UNKNOWN,
    sequence: UNKNOWN,
    status: "running",
    architecture,
    systemDisk: isKnown(size) ? { id: role.contentId("disk"), device: "/dev/vda", size } : UNKNOWN,
    dataDisks: isKnown(sizes)
      ? sizes.map((size, index) => ({ id: role.contentId("disk"), device: dataDevice(index), size }))
      : UNKNOWN,
    os: UNKNOWN,
    encrypted: UNKNOWN,
    source: UNKNOWN,
    lineage: UNKNOWN,
  };
}

/** What the content of the system disk decides. */
function madeFrom(
  request: InstanceRequest,
  image: Reached<"image"> | undefined,
): Partial<DraftOf<"instance">> {
  const { diskFile } = request;
  if (!image) {
    if (diskFile === undefined || !isKnown(diskFile)) return { os: request.os ?? {}, encrypted: false };
    return {
      os: request.os ?? {},
      encrypted: false,
      source: { type: "file", id: diskFile },
      lineage: [{ type: "file", id: diskFile }],
    };
  }
  const { record } = image;
  if (!record) {
    return { imageId: image.id, os: UNKNOWN, encrypted: UNKNOWN, source: UNKNOWN, lineage: UNKNOWN };
  }
  const { id, name, os, encrypted, lineage } = record;
  return {
    imageId: id,
    os,
    encrypted,
    source: { type: "image", id },
    lineage: isKnown(name) && isKnown(lineage) ? [{ type: "image", id, name }, ...lineage] : UNKNOWN,
  };
}

async function imageViolations(
  facts: FactReader,
  image: Reached<"image">,
  { region, account }: Scope,
  type: InstanceRequest["systemDisk"]["type"],
  size: Maybe<number>,
): Promise<Violation[]> {
  const violations = existsRule(image, region);
  const { record } = image;
  if (!record || violations.length > 0) return violations;
  const described = describe("image", record);
  return [
    ...visibleRule(image, account, await isMember(facts, image, account)),
    ...activeRule(image),
    ...servesInstanceRule(record, type, described),
    ...holdsImageRule("systemDisk.size", size, record.minDisk, described),
  ];
}

function dataDiskRules({ dataDisks }: InstanceRequest): Violation[] {
  if (dataDisks === undefined || !isKnown(dataDisks)) return [];
  return dataDisks.flatMap((disk, index) =>
    isKnown(disk) ? diskSizeRule(`dataDisks[${index}].size`, disk.size, DATA_DISK) : [],
  );
}

/** GiB: what the source needs, where that is known. */
function defaultSize(image: Reached<"image"> | undefined, file: { needs?: number } | undefined) {
  return image?.record?.minDisk ?? file?.needs ?? UNKNOWN;
}

function dataSizes(disks: NonNullable<InstanceRequest["dataDisks"]>): Maybe<number[]> {
  if (!isKnown(disks)) return disks;
  const sizes = disks.map((disk) => (isKnown(disk) ? disk.size : UNKNOWN));
  return sizes.every(isKnown) ? sizes : UNKNOWN;
}

/** Of what an instance is, anything but name, tags and image needs another one. */
function isReplaced(request: InstanceRequest, standing: InstanceRecord): boolean {
  const { systemDisk, dataDisks, diskFile, os, adoptId } = request;
  const sizes = dataSizes(dataDisks ?? []);
  const disksTold = dataDisks !== undefined || adoptId === undefined;
  return (
    systemDisk.type !== standing.architecture ||
    (systemDisk.size !== undefined && systemDisk.size !== standing.systemDisk.size) ||
    (disksTold && !sameSizes(sizes, standing.dataDisks)) ||
    (diskFile !== undefined && diskFile !== standing.source.id) ||
    (os !== undefined && standing.source.type === "file" && !isDeepStrictEqual(os, standing.os))
  );
}

function sameSizes(sizes: Maybe<number[]>, disks: readonly Disk[]): boolean {
  return isKnown(sizes) && sizes.length === disks.length && sizes.every((size, i) => size === disks[i]?.size);
}

async function matches(
  facts: FactReader,
  request: InstanceRequest,
  record: DraftOf<"instance">,
): Promise<Maybe<boolean>> {
  const found = record as InstanceRecord;
  if (isReplaced({ ...request, diskFile: undefined, dataDisks: request.dataDisks ?? [] }, found))
    return false;
  if (request.diskFile !== undefined) {
    return isKnown(request.diskFile) ? found.source.id === request.diskFile : UNKNOWN;
  }
  if (!request.image) return false;
  const id = idOf(await reach(facts, "image", request.image));
  return isKnown(id) ? found.imageId === id : UNKNOWN;
}

function unlike(
  request: InstanceRequest,
  image: Reached<"image"> | undefined,
  standing: InstanceRecord,
): Violation[] {
  const described = describe("instance", standing);
  const { type, size } = request.systemDisk;
  const stated = size !== undefined && isKnown(size) ? String(size) : undefined;
  return [
    ...alikeRule("imageId", described, standing.imageId, image && idOf(image)),
    ...alikeRule("systemDisk.type", described, standing.architecture, type),
    ...alikeRule("systemDisk.size", described, String(standing.systemDisk.size), stated),
  ];
}

/** Name and tags change as they are; another image is written to a new system disk, which then takes the old one's place. */
async function update(
  run: Run,
  recipe: Recipe<"instance", InstanceRequest>,
  id: string,
  request: InstanceRequest,
  report: Report = () => undefined,
): Promise<InstanceRecord> {
  await run.beforeWrite();
  const plan = await run.plan();
  try {
    const judged = await run.catalog.transaction(async (tx) => {
      const { standing, changed, from } = await judgeChange(recipe, tx, id, request);
      if (changed.imageId !== standing.imageId) return { standing, changed, from, rebuild: true };
      return { changed: await tx.updateInstance(id, changed), rebuild: false };
    });
    const record =
      judged.rebuild && judged.standing
        ? await rebuild(run, judged.standing, judged.changed, judged.from, report)
        : judged.changed;
    plan.changed("instance", record);
    return record;
  } catch (error) {
    plan.unchanged("instance", id);
    throw asFault(`Changing instance ${id}`, error);
  }
}

function instanceFacts(instance: DraftOf<"instance">): InstanceFacts {
  const { region, account, name, architecture, encrypted, systemDisk, os } = instance;
  return {
    region,
    account,
    name,
    architecture,
    encrypted,
    systemDiskSize: isKnown(systemDisk) ? systemDisk.size : UNKNOWN,
    ...osFacts(os),
  };
}

import { createHash } from "node:crypto";
import { describe, nameInProgram } from "../messages";
import type { Disk, InstanceRecord } from "../model";
import { get, writers } from "../records";
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
import { Fault, ViolationError } from "../violation";
import type { Violation } from "../violation";
import * as say from "../messages";
import { asFault, judgeChange, remove } from "./changes";
import { check, create } from "./creation";
import type { Assessment, Recipe, Role } from "./creation";
import { settleTags } from "./image-settings";
import { osFacts } from "./private-images";
import { idOf, isMember, reach } from "./references";
import type { Run } from "./run";

const GIB = 2 ** 30;
/** GiB of a system disk where neither program nor image says. */
const DEFAULT_SYSTEM_DISK = 40;

/** VMs with their disks. */
export function instances(run: Run): Operations<InstanceRequest, InstanceFacts, InstanceRecord> {
  const recipe = instanceRecipe(run);
  return {
    check: (request) => check(run, recipe, request, instanceFacts),
    create: (request, report) => create(run, recipe, request, report),
    update: (id, request, report) => update(run, recipe, id, request, report),
    read: async (id) => (await run.plan()).find("instance", id),
    remove: (id, options) => remove(run, "instance", id, options),
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
  const size = systemDisk.size ?? standing?.systemDisk.size ?? defaultSize(image);
  const violations = [...nameRule(request.name ?? "")];
  if (request.name === undefined) violations.length = 0;
  violations.push(
    ...tagsRule(request.tags ?? {}),
    ...diskSizeRule("systemDisk.size", size, SYSTEM_DISK),
    ...dataDiskRules(request),
    ...statedArchitectureRule(request.architecture, type, "its system disk (systemDisk.type)"),
  );
  if (role.as === "create") {
    violations.unshift(
      ...scope.violations,
      ...oneSourceRule("An instance", { imageId: image !== undefined, diskFile: diskFile !== undefined }),
    );
  }
  if (fresh && role.as !== "adopt") {
    violations.push(...(await imageViolations(facts, fresh, scope, type, size)));
  }
  if (role.as === "adopt" && standing) violations.push(...unlike(request, image, standing));
  const made = standing && (!fresh || role.as === "adopt") ? {} : madeFrom(request, image);
  const name = request.name ?? (request.adoptId !== undefined ? standing?.name : undefined);
  const draft: DraftOf<"instance"> = {
    ...(standing ?? blank(request, role, type, size)),
    ...made,
    id: role.id,
    region: scope.region,
    account: scope.account,
    name: name ?? nameInProgram(declaration.declaredBy),
    tags: settleTags(request.tags ?? (request.adoptId !== undefined ? standing?.tags : undefined)),
    origin: role.origin,
  };
  const mappings = image?.record?.deviceMappings;
  return {
    violations,
    draft,
    from: mappings && isKnown(mappings) ? mappings[0]?.id : undefined,
    replaced: role.as === "keep" && standing && isReplaced(request, standing),
  };
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

function defaultSize(image: Reached<"image"> | undefined): Maybe<number> {
  if (!image) return DEFAULT_SYSTEM_DISK;
  return image.record?.minDisk ?? UNKNOWN;
}

function dataSizes(disks: NonNullable<InstanceRequest["dataDisks"]>): Maybe<number[]> {
  if (!isKnown(disks)) return disks;
  const sizes = disks.map((disk) => (isKnown(disk) ? disk.size : UNKNOWN));
  return sizes.every(isKnown) ? sizes : UNKNOWN;
}

/** `/dev/vdb` for the first data disk; after `/dev/vdz` comes `/dev/vdaa`. */
function dataDevice(index: number): string {
  let letters = "";
  for (let rest = index + 2; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters;
  }
  return `/dev/vd${letters}`;
}

/** Anything but name, tags and image needs another instance. */
function isReplaced({ systemDisk, dataDisks, diskFile }: InstanceRequest, standing: InstanceRecord): boolean {
  const sizes = dataSizes(dataDisks ?? []);
  return (
    systemDisk.type !== standing.architecture ||
    (systemDisk.size !== undefined && systemDisk.size !== standing.systemDisk.size) ||
    (dataDisks !== undefined && !sameSizes(sizes, standing.dataDisks)) ||
    (diskFile !== undefined && diskFile !== standing.source.id)
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

async function fillDisks(
  run: Run,
  instance: InstanceRecord,
  from: string | undefined,
  report: Report,
): Promise<Partial<InstanceRecord>> {
  const { systemDisk, dataDisks, source } = instance;
  await fillSystemDisk(run, systemDisk, source.type === "file" ? { path: source.id } : { from }, report);
  for (const disk of dataDisks) await run.disks.createBlank(disk.id, disk.size * GIB);
  return {};
}

async function fillSystemDisk(
  run: Run,
  disk: Disk,
  content: { path?: string; from?: string },
  report: Report,
): Promise<void> {
  const virtualBytes = disk.size * GIB;
  const doing = "filling the system disk";
  const progress = (done: number, total: number) => report(doing, total > 0 ? done / total : 1);
  if (content.path !== undefined) {
    const options = { property: "diskFile", virtualBytes, progress };
    const file = await run.disks.importFile(content.path, disk.id, options);
    if (file.virtualBytes > virtualBytes) {
      const needs = Math.ceil(file.virtualBytes / GIB);
      throw new ViolationError([
        say.diskTooSmall("systemDisk.size", disk.size, needs, `file ${content.path}`),
      ]);
    }
  } else if (content.from !== undefined) {
    await run.disks.copy(content.from, disk.id, { virtualBytes, progress });
  } else {
    throw new Error("the image has no system disk");
  }
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

async function rebuild(
  run: Run,
  standing: InstanceRecord,
  changed: InstanceRecord,
  from: string | undefined,
  report: Report,
): Promise<InstanceRecord> {
  const old = standing.systemDisk;
  const disk = { ...old, id: rebuiltDiskId(standing, changed.imageId) };
  // Left by a rebuild that was cut off: the same rebuild has the same ID.
  await run.disks.remove(disk.id);
  try {
    await fillSystemDisk(run, disk, { from }, report);
    const { record, freed } = await run.catalog.transaction(async (tx) => {
      const now = await get(tx, "instance", standing.id);
      if (now?.systemDisk.id !== old.id) {
        throw new Fault(`Rebuilding instance ${standing.id}`, {
          says: "it was changed by another run meanwhile",
        });
      }
      const record = await writers.instance.update(tx, standing.id, { ...changed, systemDisk: disk });
      return { record, freed: await tx.unreferencedDisks([old.id]) };
    });
    for (const content of freed) await run.disks.remove(content);
    return record;
  } catch (error) {
    await run.disks.remove(disk.id);
    throw error;
  }
}

function rebuiltDiskId({ id, systemDisk }: InstanceRecord, imageId: string | undefined): string {
  const hash = createHash("sha256").update(`${id}\n${systemDisk.id}\n${imageId}`).digest("hex");
  return `disk-${hash.slice(0, 12)}`;
}

function instanceFacts(instance: DraftOf<"instance">): InstanceFacts {
  const { region, account, name, architecture, systemDisk, os } = instance;
  return {
    region,
    account,
    name,
    architecture,
    systemDiskSize: isKnown(systemDisk) ? systemDisk.size : UNKNOWN,
    ...osFacts(os),
  };
}

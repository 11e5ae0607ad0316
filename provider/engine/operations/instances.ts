import { describe } from "../messages";
import * as say from "../messages";
import type { InstanceRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Operations, Report } from "../engine";
import type { InstanceFacts } from "../facts";
import type { InstanceRequest } from "../requests";
import { servesInstanceRule, statedArchitectureRule } from "../rules/architecture";
import { notBeingFrozenRule } from "../rules/deletion";
import { rebuiltAlikeRule } from "../rules/encryption";
import { nameRule, tagsRule } from "../rules/naming";
import { DATA_DISK, diskSizeRule, holdsImageRule, SYSTEM_DISK } from "../rules/sizes";
import { activeRule, existsRule, oneSourceRule, visibleRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import { Fault, ViolationError } from "../violation";
import type { Violation } from "../violation";
import { asFault, judgeChange } from "./changes";
import type { Assessment, Recipe, Role } from "./recipe";
import { declaredFields } from "./declared-fields";
import { judgeFile } from "./disk-files";
import type { Contents } from "./image-contents";
import { contentsOfImage } from "./image-disks";
import { osFacts } from "./image-facts";
import { isAskedFor, isReplaced, unlikeInstance } from "./instance-comparison";
import { fillDisks, foreseeInstance } from "./instance-disks";
import { blankInstance, madeFrom, rebuiltDisk } from "./instance-draft";
import { idOf, isMember, reach } from "./references";
import { beginRebuild, rebuild } from "./rebuilds";
import { operationsOf } from "./operations";
import type { Run } from "./run";
import { sealingViolations } from "./sealing";

/** VMs with their disks. */
export function instances(run: Run): Operations<InstanceRequest, InstanceFacts, InstanceRecord> {
  const recipe = instanceRecipe(run);
  return {
    ...operationsOf(run, recipe, instanceFacts),
    update: (id, request, report) => update(run, recipe, id, request, report),
  };
}

function instanceRecipe(run: Run): Recipe<"instance", InstanceRequest, Contents> {
  return {
    kind: "instance",
    noun: "instance",
    idPrefix: "i",
    assess: (facts, request, role) => assess(run, facts, request, role),
    matches: (facts, request, record) => isAskedFor(facts, request, record as InstanceRecord),
    foresee: (instance, from) => foreseeInstance(run, instance, from),
    fill: (instance, from, work) => fillDisks(run, instance, from, work),
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: InstanceRequest,
  role: Role<"instance">,
): Promise<Assessment<"instance", Contents>> {
  const { declaration, systemDisk, diskFile } = request;
  const { standing } = role;
  const scope = run.scopes.settle(declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  /** An image that isn't on the system disk yet: at create, and at rebuild. */
  const fresh = image && idOf(image) !== standing?.imageId ? image : undefined;
  const type = systemDisk.type;
  const file = await newDiskFile(run, request, role);
  const size = systemDisk.size ?? standing?.systemDisk.size ?? defaultSize(image, file);
  const declared = declaredFields(request, role, scope);
  const replaced = role.as === "keep" && standing !== undefined && isReplaced(request, standing);
  const violations = [
    ...nameRule(declared.name),
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
  if (role.as === "adopt" && standing) violations.push(...unlikeInstance(request, image, standing));
  const isMade = !standing || (fresh && role.as !== "adopt");
  const draft: DraftOf<"instance"> = {
    ...(standing ?? blankInstance(request, role, image, size)),
    ...(standing && isMade && image ? rebuiltDisk(standing, image, role) : {}),
    ...(isMade ? await madeFrom(run, request, image, scope, standing) : {}),
    ...declared,
  };
  if (fresh && role.as !== "adopt" && !replaced) {
    violations.push(...(await imageViolations(run, facts, fresh, draft, standing)));
  }
  return { violations, draft, from: contentsOfImage(image?.record), replaced };
}

/** What is to be known of the disk file of an instance that is to be made. */
function newDiskFile(run: Run, { diskFile }: InstanceRequest, role: Role<"instance">) {
  if (role.as !== "create" || diskFile === undefined || !isKnown(diskFile)) return undefined;
  return judgeFile(run, { path: diskFile, format: "raw", property: "diskFile" }, SYSTEM_DISK);
}

/** What a new image on the system disk has to be: at create, and at rebuild. */
async function imageViolations(
  run: Run,
  facts: FactReader,
  image: Reached<"image">,
  draft: DraftOf<"instance">,
  standing: InstanceRecord | undefined,
): Promise<Violation[]> {
  const { region, account, architecture, systemDisk } = draft;
  const violations = existsRule(image, region);
  const { record } = image;
  if (!record || violations.length > 0) return violations;
  const described = describe("image", record);
  const size = isKnown(systemDisk) ? systemDisk.size : UNKNOWN;
  return [
    ...visibleRule(image, account, await isMember(facts, image, account)),
    ...activeRule(image),
    ...servesInstanceRule(record, architecture, described),
    ...holdsImageRule("systemDisk.size", size, record.minDisk, described),
    ...(standing ? rebuiltAlikeRule(standing, image) : []),
    ...(await sealingViolations(run, undefined, draft, image)),
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

/** Name and tags change as they are; another image is written to a new system disk, which then takes the old one's place. */
async function update(
  run: Run,
  recipe: Recipe<"instance", InstanceRequest, Contents>,
  id: string,
  request: InstanceRequest,
  report: Report = () => undefined,
): Promise<InstanceRecord> {
  await run.beforeWrite();
  const plan = await run.plan();
  try {
    const judged = await run.catalog.transaction(async (tx) => {
      const { standing, changed, from } = await judgeChange(recipe, tx, id, request);
      if (changed.imageId === standing.imageId) return { record: await tx.update("instance", id, changed) };
      if (standing.status === "creating")
        throw new Fault(`Rebuilding instance ${id}`, { says: "another run is making it still; run again" });
      const frozen = notBeingFrozenRule(standing, await tx.runningFullImages(id), "imageId");
      if (frozen.length > 0) throw new ViolationError(frozen);
      const change = { standing, changed, from, declaration: request.declaration };
      return { change, holder: await beginRebuild(tx, change) };
    });
    const record = judged.change ? await rebuild(run, judged.change, judged.holder, report) : judged.record;
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

import { describe } from "../messages";
import * as say from "../messages";
import type { VolumeRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Operations } from "../engine";
import type { VolumeFacts } from "../facts";
import type { Maybe, VolumeRequest } from "../requests";
import { alikeRule } from "../rules/adoption";
import { servesVolumeRule } from "../rules/architecture";
import { nameRule, tagsRule } from "../rules/naming";
import { DATA_DISK, diskSizeRule, holdsImageRule } from "../rules/sizes";
import { activeRule, existsRule, visibleRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Scope } from "../scope";
import type { Violation } from "../violation";
import type { Assessment, Foreseen, Recipe, Role } from "./recipe";
import { declaredFields } from "./declared-fields";
import { FIRST_DATA_DEVICE } from "./devices";
import { GIB } from "./disk-files";
import type { Contents } from "./image-contents";
import { contentsOfImage, fillFromImage, foreseeDisks, heldOf } from "./image-disks";
import { masterKeyOf, sealed, sealingViolations } from "./sealing";
import { idOf, isMember, reach } from "./references";
import { operationsOf } from "./operations";
import type { Run } from "./run";
import { watch } from "./time-limit";
import type { Work } from "./time-limit";

/** Data disks, blank or from a data image. */
export function volumes(run: Run): Operations<VolumeRequest, VolumeFacts, VolumeRecord> {
  return operationsOf(run, volumeRecipe(run), volumeFacts);
}

function volumeRecipe(run: Run): Recipe<"volume", VolumeRequest, Contents> {
  return {
    kind: "volume",
    noun: "volume",
    idPrefix: "vol",
    assess: (facts, request, role) => assess(run, facts, request, role),
    async matches(facts, request, record) {
      const { source, disk } = record as VolumeRecord;
      if (request.size !== undefined && request.size !== disk.size) return false;
      if (!request.image) return source === undefined;
      if (source === undefined) return false;
      const id = idOf(await reach(facts, "image", request.image));
      return isKnown(id) ? source.id === id : UNKNOWN;
    },
    foresee: (volume, from) => foresee(run, volume, from),
    fill: (volume, from, work) => fillDisk(run, volume, from, work),
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: VolumeRequest,
  role: Role<"volume">,
): Promise<Assessment<"volume", Contents>> {
  const { declaration } = request;
  const { standing } = role;
  const scope = run.scopes.settle(declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  const told = image !== undefined || request.adoptId === undefined;
  const sameSource = !told || (image && idOf(image)) === standing?.source?.id;
  const needs = contentSize(image);
  const size = request.size ?? standing?.disk.size ?? needs;
  const declared = declaredFields(request, role, scope);
  const draft: DraftOf<"volume"> = {
    ...(standing ?? (await blank(run, role, image, size ?? UNKNOWN, scope))),
    ...declared,
  };
  const violations = [...nameRule(declared.name), ...tagsRule(request.tags ?? {})];
  if (size !== undefined) violations.push(...diskSizeRule("size", size, DATA_DISK));
  if (role.as === "create") {
    if (image) violations.push(...(await imageViolations(run, facts, image, draft, size ?? UNKNOWN)));
    else if (size === undefined) violations.push(say.sizeMissing("size"));
  }
  if (role.as === "adopt" && standing) {
    const described = describe("volume", standing);
    const stated = request.size !== undefined && isKnown(request.size) ? String(request.size) : undefined;
    violations.push(...alikeRule("imageId", described, standing.source?.id, image && idOf(image)));
    violations.push(...alikeRule("size", described, String(standing.disk.size), stated));
  }
  if (role.as !== "keep") violations.unshift(...scope.violations);
  return {
    violations,
    draft,
    from: contentsOfImage(image?.record),
    replaced: !sameSource || (request.size !== undefined && request.size !== standing?.disk.size),
  };
}

async function blank(
  run: Run,
  role: Role<"volume">,
  image: Reached<"image"> | undefined,
  size: Maybe<number>,
  scope: Scope,
): Promise<Omit<DraftOf<"volume">, "id" | "region" | "account" | "name" | "tags">> {
  const record = image?.record;
  const lineage = record ? record.lineage : image ? UNKNOWN : [];
  const step =
    record && isKnown(record.name) ? { type: "image" as const, id: record.id, name: record.name } : undefined;
  const encrypted = record ? record.encrypted : image ? UNKNOWN : false;
  return {
    createdAt: UNKNOWN,
    sequence: UNKNOWN,
    status: "available",
    disk: isKnown(size) ? { id: role.contentId("disk"), device: FIRST_DATA_DEVICE, size } : UNKNOWN,
    encrypted,
    kmsKeyId: await masterKeyOf(run, encrypted, undefined, record, scope),
    source: record ? { type: "image", id: record.id } : image ? UNKNOWN : undefined,
    lineage: isKnown(lineage) && step ? [step, ...lineage] : lineage,
    scratch: heldOf(record),
  };
}

async function imageViolations(
  run: Run,
  facts: FactReader,
  image: Reached<"image">,
  draft: DraftOf<"volume">,
  size: Maybe<number>,
): Promise<Violation[]> {
  const { region, account } = draft;
  const violations = existsRule(image, region);
  const { record } = image;
  if (!record || violations.length > 0) return violations;
  const described = describe("image", record);
  return [
    ...visibleRule(image, account, await isMember(facts, image, account)),
    ...activeRule(image),
    ...servesVolumeRule(record, described),
    ...holdsImageRule("size", size, contentSize(image) ?? UNKNOWN, described),
    ...(await sealingViolations(run, undefined, draft, image)),
  ];
}

/** GiB of the disk that an image holds; nothing for a blank volume. */
function contentSize(image: Reached<"image"> | undefined): Maybe<number> | undefined {
  if (!image) return undefined;
  const mappings = image.record?.deviceMappings;
  // A size that isn't known yet is recorded as none.
  return (mappings && isKnown(mappings) && mappings[0]?.size) || UNKNOWN;
}

async function foresee(
  run: Run,
  volume: VolumeRecord,
  from: Contents | undefined,
): Promise<Foreseen<"volume"> | undefined> {
  const { source, disk } = volume;
  const [held] = from?.disks ?? [];
  if (source && !held) return undefined;
  const contents = await foreseeDisks(run, volume, [{ disk, from: held?.id }]);
  return contents && { contents, found: {} };
}

async function fillDisk(
  run: Run,
  volume: VolumeRecord,
  from: Contents | undefined,
  work: Work,
): Promise<Partial<VolumeRecord>> {
  const { disk, source } = volume;
  return sealed(run, volume, from, async (keys) => {
    const watched = watch(work, "filling the disk");
    if (source) await fillFromImage(run, disk, from?.disks[0], keys, watched);
    else await run.disks.createBlank(disk.id, disk.size * GIB);
    return {};
  });
}

function volumeFacts({ region, account, name, disk, encrypted }: DraftOf<"volume">): VolumeFacts {
  return { region, account, name, size: isKnown(disk) ? disk.size : UNKNOWN, encrypted };
}

import { describe } from "../messages";
import * as say from "../messages";
import type { Architecture, DeviceMapping, ImageRecord, OsFacts } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { ImageFacts, ImageRequest, Maybe, Operations, Report } from "../requests";
import { alikeRule } from "../rules/adoption";
import { statedArchitectureRule } from "../rules/architecture";
import { snapshotsOf } from "../rules/quotas";
import { activeRule, existsRule, oneSourceRule, ownedRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Violation } from "../violation";
import type { Assessment, Recipe, Role } from "./creation";
import { draftImage, inheritedBefore } from "./image-draft";
import type { Inherited } from "./image-draft";
import { imagePlaces } from "./places";
import { idOf, reach } from "./references";
import { operationsOf } from "./operations";
import type { Run } from "./run";

/** Images made of an instance's system disk. */
export function privateImages(run: Run): Operations<ImageRequest, ImageFacts, ImageRecord> {
  return operationsOf(run, imageRecipe(run), imageFacts);
}

function imageRecipe(run: Run): Recipe<"image", ImageRequest> {
  return {
    kind: "image",
    noun: "image",
    idPrefix: "img",
    assess: (facts, request, role) => assess(run, facts, request, role),
    async matches(facts, request, record) {
      if (!request.instance) return false;
      const id = idOf(await reach(facts, "instance", request.instance));
      const { source } = record;
      if (!isKnown(id) || source === undefined || !isKnown(source)) return UNKNOWN;
      return source.type === "instance" && source.id === id;
    },
    contents: (image) => image.deviceMappings.map(({ id }) => id),
    fill: (image, from, report) => copySystemDisk(run, image, from, report),
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: ImageRequest,
  role: Role<"image">,
): Promise<Assessment<"image">> {
  const { declaration } = request;
  const { standing } = role;
  const scope = run.scopes.settle(declaration);
  const instance = request.instance && (await reach(facts, "instance", request.instance));
  const sameSource = !instance || idOf(instance) === standing?.source?.id;
  const inherited =
    standing && (sameSource || role.as === "adopt")
      ? inheritedBefore(standing)
      : inheritedFrom(instance?.record, role);
  const from = instance?.record ? describe("instance", instance.record) : sourceOf(standing);
  const { draft, violations: settingsViolations } = draftImage(request, inherited, from, scope, role);
  const violations = [
    ...settingsViolations,
    ...statedArchitectureRule(request.architecture, architectureOf(draft), from),
  ];
  if (role.as === "create") {
    violations.unshift(...sourceViolations(request, instance, draft));
    const { scopes } = run;
    violations.push(
      ...(await imagePlaces(facts, scopes, "instanceId", scope, snapshotsOf(draft), role.replaces)),
    );
  }
  if (role.as === "adopt" && standing) {
    violations.push(...unlike(request, instance, standing));
  }
  if (role.as !== "keep") violations.unshift(...scope.violations);
  const systemDisk = instance?.record?.systemDisk;
  return {
    violations,
    draft,
    from: systemDisk && isKnown(systemDisk) ? systemDisk.id : undefined,
    replaced: !sameSource,
  };
}

function sourceViolations(
  request: ImageRequest,
  instance: Reached<"instance"> | undefined,
  { region, account }: DraftOf<"image">,
): Violation[] {
  const { volume, imageType } = request;
  const violations = oneSourceRule("A private image", {
    instanceId: instance !== undefined,
    volumeId: volume !== undefined,
  });
  const instead = "Make a system image of an instance (instanceId).";
  if (volume) violations.push(say.notYetAvailable("volumeId", "An image of a volume", instead));
  else if (imageType === "data" || imageType === "full") {
    violations.push(say.notYetAvailable("imageType", `A ${imageType} image`, instead));
  }
  if (!instance) return violations;
  const reachable = existsRule(instance, region);
  violations.push(...reachable);
  if (reachable.length === 0) {
    violations.push(...ownedRule(instance, account as Maybe<string>), ...activeRule(instance));
  }
  return violations;
}

/** What the program states of an image that it takes over, against what the image is. */
function unlike(
  request: ImageRequest,
  instance: Reached<"instance"> | undefined,
  standing: ImageRecord,
): Violation[] {
  const described = describe("image", standing);
  return [
    ...alikeRule("instanceId", described, standing.source?.id, instance && idOf(instance)),
    ...alikeRule("imageType", described, standing.imageType, request.imageType),
  ];
}

function inheritedFrom(instance: DraftOf<"instance"> | undefined, role: Role<"image">): Inherited {
  if (!instance) {
    return {
      fields: {
        architectures: UNKNOWN,
        imageType: "system",
        os: UNKNOWN,
        encrypted: UNKNOWN,
        deviceMappings: UNKNOWN,
        lineage: UNKNOWN,
        source: UNKNOWN,
      },
      size: UNKNOWN,
    };
  }
  const { id, architecture, systemDisk, os, encrypted, lineage, name } = instance;
  const size = isKnown(systemDisk) ? systemDisk.size : UNKNOWN;
  return {
    fields: {
      architectures: isKnown(architecture) ? [architecture] : UNKNOWN,
      imageType: "system",
      os,
      encrypted,
      deviceMappings:
        isKnown(architecture) && isKnown(size) ? [systemMapping(architecture, size, role)] : UNKNOWN,
      lineage: isKnown(lineage) && isKnown(name) ? [{ type: "instance", id, name }, ...lineage] : UNKNOWN,
      source: { type: "instance", id },
    },
    size,
  };
}

/** A local system disk is held as an image file, a cloud one as a snapshot. */
function systemMapping(architecture: Architecture, size: number, role: Role<"image">): DeviceMapping {
  const device = "/dev/vda";
  return architecture === "localDisk"
    ? { device, kind: "imageFile", id: role.contentId("file"), size }
    : { device, kind: "snapshot", id: role.contentId("snap"), size };
}

async function copySystemDisk(
  run: Run,
  image: ImageRecord,
  from: string | undefined,
  report: Report,
): Promise<Partial<ImageRecord>> {
  const [mapping] = image.deviceMappings;
  if (!mapping || from === undefined) throw new Error("the instance has no system disk");
  const doing = `copying the system disk of ${sourceOf(image)}`;
  const progress = (done: number, total: number) => report(doing, total > 0 ? done / total : 1);
  const { sizeBytes, checksum } = await run.disks.copy(from, mapping.id, { checksum: true, progress });
  return { sizeBytes, checksum };
}

function sourceOf(image: ImageRecord | undefined): string {
  const step = image?.lineage[0];
  if (!step) return "its source";
  return step.name === undefined ? `${step.type} ${step.id}` : `${step.type} ${step.name} (${step.id})`;
}

function architectureOf({ architectures }: DraftOf<"image">): Maybe<Architecture> {
  return isKnown(architectures) ? (architectures[0] ?? UNKNOWN) : UNKNOWN;
}

export function imageFacts(image: DraftOf<"image">): ImageFacts {
  const { region, account, name, imageType, minDisk, encrypted, kmsKeyId } = image;
  return {
    region,
    account: account ?? UNKNOWN,
    name,
    imageType,
    minDisk,
    encrypted,
    kmsKeyId,
    architecture: architectureOf(image),
    ...osFacts(image.os),
  };
}

export function osFacts(
  os: Maybe<OsFacts>,
): Pick<ImageFacts, "osType" | "osName" | "osVersion" | "cpuArchitecture"> {
  if (isKnown(os)) return { ...os };
  return { osType: UNKNOWN, osName: UNKNOWN, osVersion: UNKNOWN, cpuArchitecture: UNKNOWN };
}

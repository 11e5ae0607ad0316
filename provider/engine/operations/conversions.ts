import type { DeviceMapping, ImageRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Operations } from "../engine";
import type { ImageFacts } from "../facts";
import type { ConversionRequest } from "../requests";
import { alikeRule } from "../rules/adoption";
import { conversionArchitectureRule } from "../rules/architecture";
import { convertibleRule, notBeingConvertedRule } from "../rules/conversion";
import { oneSourceRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Violation } from "../violation";
import { describe } from "../messages";
import * as say from "../messages";
import type { Assessment, Recipe, Role } from "./recipe";
import { foreseeDevices } from "./copied-devices";
import { draftImage, inheritedBefore, inheritedFromUnknown } from "./image-draft";
import type { Inherited } from "./image-draft";
import { imageFacts } from "./image-facts";
import { imagePlaces } from "./places";
import { fillFromParent, inheritedFromParent, parentImage, parentImageViolations } from "./parent-image";
import { idOf, reach } from "./references";
import { operationsOf } from "./operations";
import type { Run } from "./run";
import { masterKeyOf, sealingViolations } from "./sealing";

const VERBS = { verb: "convert", done: "converted" };

/** cloudDisk images made of localDisk ones, which stay as they are. */
export function conversions(run: Run): Operations<ConversionRequest, ImageFacts, ImageRecord> {
  return operationsOf(run, conversionRecipe(run), imageFacts);
}

function conversionRecipe(run: Run): Recipe<"image", ConversionRequest, ImageRecord> {
  return {
    kind: "image",
    noun: "conversion",
    idPrefix: "img",
    assess: (facts, request, role) => assess(run, facts, request, role),
    async matches(facts, request, record) {
      if (!request.image) return false;
      const id = idOf(await reach(facts, "image", request.image));
      const { source } = record;
      if (!isKnown(id) || source === undefined || !isKnown(source)) return UNKNOWN;
      return source.conversion === true && source.id === id;
    },
    foresee: (image, source) => foreseeDevices(run, image, source),
    fill: (image, source, work) =>
      fillFromParent(run, image, source, work, "converting the image file to a snapshot"),
    line: ({ image }) => (image && isKnown(image.id) ? `converting ${image.id}` : undefined),
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: ConversionRequest,
  role: Role<"image">,
): Promise<Assessment<"image", ImageRecord>> {
  const { standing } = role;
  const scope = run.scopes.settle(request.declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  const sameSource = !image || idOf(image) === standing?.source?.id;
  const keeps = standing !== undefined && (sameSource || role.as === "adopt");
  const inherited = keeps ? inheritedBefore(standing) : inheritedFrom(image?.record, role);
  const settled = draftImage(request, inherited, parentImage(image?.record), scope, role);
  const { encrypted } = inherited.fields;
  const kmsKeyId = keeps
    ? standing.kmsKeyId
    : await masterKeyOf(run, encrypted, undefined, image?.record, scope);
  const draft: DraftOf<"image"> = { ...settled.draft, kmsKeyId };
  const violations = [...settled.violations, ...conversionArchitectureRule(request.architecture)];
  if (role.as === "create") {
    violations.unshift(...oneSourceRule("A conversion", { imageId: image !== undefined }));
    if (image) {
      const rules = (record: DraftOf<"image">) => conversionRules(facts, record, role);
      violations.push(...(await parentImageViolations(facts, image, scope, VERBS, rules)));
    }
    violations.push(...(await sealingViolations(run, undefined, draft, image)));
    const snapshots = newSnapshots(draft, image?.record);
    violations.push(...(await imagePlaces(facts, run.scopes, "imageId", scope, snapshots, role.replaces)));
  }
  if (role.as === "adopt" && standing) violations.push(...unlike(image, standing));
  if (role.as !== "keep") violations.unshift(...scope.violations);
  return {
    violations,
    draft,
    // In a transaction it is a record.
    from: image?.record as ImageRecord | undefined,
    replaced: !sameSource,
  };
}

async function conversionRules(
  facts: FactReader,
  record: DraftOf<"image">,
  role: Role<"image">,
): Promise<Violation[]> {
  const running = await facts.runningConversions(record.id);
  return [
    ...convertibleRule(record),
    ...notBeingConvertedRule(
      record,
      running.filter((conversion) => !role.isMadeHere(conversion)),
    ),
  ];
}

/** What the program states of an image that it takes over, against what the image is. */
function unlike(image: Reached<"image"> | undefined, standing: ImageRecord): Violation[] {
  const described = describe("image", standing);
  if (image && standing.source?.conversion !== true) return [say.notMadeSo(described, "a conversion")];
  return alikeRule("imageId", described, standing.source?.id, image && idOf(image));
}

/** Snapshots that source and conversion hold together count once. */
function newSnapshots({ deviceMappings }: DraftOf<"image">, source: DraftOf<"image"> | undefined): number {
  if (!isKnown(deviceMappings)) return 0;
  const held = source && isKnown(source.deviceMappings) ? source.deviceMappings : [];
  return deviceMappings.filter(({ id }) => !held.some((mapping) => mapping.id === id)).length;
}

function inheritedFrom(image: DraftOf<"image"> | undefined, role: Role<"image">): Inherited {
  const architectures: Inherited["fields"]["architectures"] = ["cloudDisk"];
  if (!image) {
    // It takes a snapshot, of whatever size.
    const system = { device: "/dev/vda", kind: "snapshot", id: role.contentId("snap"), size: 0 } as const;
    return inheritedFromUnknown({ architectures, deviceMappings: [system] });
  }
  const { id, encrypted } = image;
  return inheritedFromParent(
    image,
    { architectures, source: { type: "image", id, conversion: true } },
    (mappings) => converted(mappings, encrypted === true, role),
  );
}

/**
 * The system disk becomes a snapshot; those of data disks are then held by both images, layers and all. A sealed
 * content can't have the keys of two images: each has its own.
 */
function converted(
  [system, ...data]: DeviceMapping[],
  isSealed: boolean,
  role: Role<"image">,
): DeviceMapping[] {
  const snapshot = ({ device, size, basedOn }: DeviceMapping): DeviceMapping => ({
    ...{ device, kind: "snapshot", id: role.contentId("snap"), size },
    ...(basedOn && !isSealed ? { basedOn } : {}),
  });
  if (!system) return [];
  return [snapshot(system), ...(isSealed ? data.map(snapshot) : data)];
}

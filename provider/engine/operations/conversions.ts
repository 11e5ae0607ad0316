import { describe } from "../messages";
import type { ImageRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { ConversionRequest, ImageFacts, Maybe, Operations, Report } from "../requests";
import { alikeRule } from "../rules/adoption";
import { conversionArchitectureRule } from "../rules/architecture";
import { convertibleRule, notBeingConvertedRule } from "../rules/conversion";
import { activeRule, existsRule, oneSourceRule, ownPrivateImageRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Violation } from "../violation";
import type { Assessment, Recipe, Role } from "./creation";
import { draftImage, inheritedBefore } from "./image-draft";
import type { Inherited } from "./image-draft";
import { imagePlaces } from "./places";
import { imageFacts } from "./private-images";
import { idOf, isMember, reach } from "./references";
import { operationsOf } from "./operations";
import type { Run } from "./run";

/** A conversion needs one new snapshot; those of data disks are then held by both images. */
const NEW_SNAPSHOTS = 1;

/** cloudDisk images made of localDisk ones, which stay as they are. */
export function conversions(run: Run): Operations<ConversionRequest, ImageFacts, ImageRecord> {
  return operationsOf(run, conversionRecipe(run), imageFacts);
}

function conversionRecipe(run: Run): Recipe<"image", ConversionRequest> {
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
    contents: (image) => image.deviceMappings.slice(0, 1).map(({ id }) => id),
    fill: (image, from, report) => shareSystemDisk(run, image, from, report),
    line: ({ image }) => (image && isKnown(image.id) ? `converting ${image.id}` : undefined),
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: ConversionRequest,
  role: Role<"image">,
): Promise<Assessment<"image">> {
  const { standing } = role;
  const scope = run.scopes.settle(request.declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  const sameSource = !image || idOf(image) === standing?.source?.id;
  const inherited =
    standing && (sameSource || role.as === "adopt")
      ? inheritedBefore(standing)
      : inheritedFrom(image?.record, role);
  const from = image?.record ? describe("image", image.record) : "its source";
  const { draft, violations: settingsViolations } = draftImage(request, inherited, from, scope, role);
  const violations = [...settingsViolations, ...conversionArchitectureRule(request.architecture)];
  if (role.as === "create") {
    violations.unshift(...oneSourceRule("A conversion", { imageId: image !== undefined }));
    if (image) violations.push(...(await sourceViolations(facts, image, scope, role)));
    violations.push(
      ...(await imagePlaces(facts, run.scopes, "imageId", scope, NEW_SNAPSHOTS, role.replaces)),
    );
  }
  if (role.as === "adopt" && standing) {
    const described = describe("image", standing);
    violations.push(...alikeRule("imageId", described, standing.source?.id, image && idOf(image)));
  }
  if (role.as !== "keep") violations.unshift(...scope.violations);
  const mappings = image?.record?.deviceMappings;
  return {
    violations,
    draft,
    from: mappings && isKnown(mappings) ? mappings[0]?.id : undefined,
    replaced: !sameSource,
  };
}

async function sourceViolations(
  facts: FactReader,
  image: Reached<"image">,
  { region, account }: { region: Maybe<string>; account: Maybe<string> },
  role: Role<"image">,
): Promise<Violation[]> {
  const violations = existsRule(image, region);
  const { record } = image;
  if (!record || violations.length > 0) return violations;
  const verbs = { verb: "convert", done: "converted" };
  const running = await facts.runningConversions(record.id);
  return [
    ...ownPrivateImageRule(image, account, await isMember(facts, image, account), verbs),
    ...activeRule(image),
    ...convertibleRule(record),
    ...notBeingConvertedRule(
      record,
      running.filter((conversion) => !role.isMadeHere(conversion)),
    ),
  ];
}

function inheritedFrom(image: DraftOf<"image"> | undefined, role: Role<"image">): Inherited {
  const architectures: Inherited["fields"]["architectures"] = ["cloudDisk"];
  const snapshot = { device: "/dev/vda", kind: "snapshot", id: role.contentId("snap") } as const;
  if (!image) {
    return {
      fields: {
        architectures,
        imageType: UNKNOWN,
        os: UNKNOWN,
        encrypted: UNKNOWN,
        // It takes a snapshot, of whatever size.
        deviceMappings: [{ ...snapshot, size: 0 }],
        lineage: UNKNOWN,
        source: UNKNOWN,
      },
      size: UNKNOWN,
    };
  }
  const { id, imageType, os, encrypted, lineage, name, deviceMappings } = image;
  const [system, ...data] = isKnown(deviceMappings) ? deviceMappings : [];
  return {
    fields: {
      architectures,
      imageType,
      os,
      encrypted,
      deviceMappings: [{ ...snapshot, size: system?.size ?? 0 }, ...data],
      lineage: isKnown(lineage) && isKnown(name) ? [{ type: "image", id, name }, ...lineage] : UNKNOWN,
      source: { type: "image", id, conversion: true },
    },
    size: system?.size ?? UNKNOWN,
  };
}

async function shareSystemDisk(
  run: Run,
  image: ImageRecord,
  from: string | undefined,
  report: Report,
): Promise<Partial<ImageRecord>> {
  const [mapping] = image.deviceMappings;
  if (!mapping || from === undefined) throw new Error("the image has no system disk");
  const doing = "converting the image file to a snapshot";
  report(doing, 0);
  const { sizeBytes } = await run.disks.share(from, mapping.id);
  report(doing, 1);
  // The same content, which never changes: what was read of it once holds for both.
  const source = image.source && (await run.plan()).find("image", image.source.id);
  return { sizeBytes, checksum: source?.checksum };
}

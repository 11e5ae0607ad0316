import { describe } from "../messages";
import type { ImageRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown } from "../requests";
import type { Operations } from "../engine";
import type { ImageFacts } from "../facts";
import type { ImageRequest, Maybe } from "../requests";
import { alikeRule } from "../rules/adoption";
import { statedArchitectureRule } from "../rules/architecture";
import { fullIsPlainRule, staysEncryptedRule } from "../rules/encryption";
import { notBeingFrozenRule } from "../rules/deletion";
import { imageKindRule } from "../rules/image-kinds";
import { snapshotsOf } from "../rules/quotas";
import { activeRule, existsRule, oneSourceRule, ownedRule } from "../rules/sources";
import type { Scope } from "../scope";
import type { Violation } from "../violation";
import type { Assessment, Recipe, Role } from "./recipe";
import { moveOn } from "./full-images";
import { fillImage, foreseeImage, stepInWords } from "./image-contents";
import type { Contents } from "./image-contents";
import { draftImage, inheritedBefore } from "./image-draft";
import { architectureOf, imageFacts } from "./image-facts";
import { inheritedFrom } from "./image-inheritance";
import * as sources from "./image-sources";
import type { ImageSource } from "./image-sources";
import { imagePlaces } from "./places";
import { operationsOf } from "./operations";
import type { Run } from "./run";
import { sealingViolations } from "./sealing";

/** Images made of an instance's disks, of a volume, or of a file. */
export function privateImages(run: Run): Operations<ImageRequest, ImageFacts, ImageRecord> {
  return operationsOf(run, imageRecipe(run), imageFacts);
}

function imageRecipe(run: Run): Recipe<"image", ImageRequest, Contents> {
  return {
    kind: "image",
    noun: "image",
    idPrefix: "img",
    assess: (facts, request, role) => assess(run, facts, request, role),
    async matches(facts, request, record) {
      const source = await sources.findSource(run, facts, request, false);
      return sources.isMadeOf({ ...request, adoptId: undefined }, source, record as ImageRecord);
    },
    foresee: (image, from) => foreseeImage(run, image, from),
    fill: (image, from, work) => fillImage(run, image, from, work),
    async settle(tx, image, from) {
      return image.imageType === "full" ? moveOn(tx, image, from) : undefined;
    },
    // Each full image of an instance freezes the disks that the one before has left it.
    line: ({ instance, imageType }) =>
      imageType === "full" && instance && isKnown(instance.id) ? `freezing ${instance.id}` : undefined,
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: ImageRequest,
  role: Role<"image">,
): Promise<Assessment<"image", Contents>> {
  const { standing } = role;
  const scope = run.scopes.settle(request.declaration);
  const source = await sources.findSource(run, facts, request, role.as === "create");
  const sameSource = standing !== undefined && sources.isMadeOf(request, source, standing) === true;
  const made =
    standing && (sameSource || role.as === "adopt")
      ? { inherited: inheritedBefore(standing) }
      : await inheritedFrom(run, request, source, scope, role);
  const from = source ? sources.sourceInWords(source) : stepInWords(standing?.lineage[0]);
  const { draft, violations: settingsViolations } = draftImage(request, made.inherited, from, scope, role);
  const violations = [
    ...settingsViolations,
    ...statedArchitectureRule(request.architecture, architectureOf(draft), from),
  ];
  if (role.as === "create") {
    violations.unshift(...(await sourceViolations(run, request, source, draft, scope)));
    if (draft.imageType === "full") violations.push(...(await frozenViolations(facts, source, role)));
    const property = sources.propertyOf(source);
    const snapshots = snapshotsOf(draft);
    violations.push(...(await imagePlaces(facts, run.scopes, property, scope, snapshots, role.replaces)));
  }
  if (role.as === "adopt" && standing) violations.push(...unlike(request, source, standing));
  if (role.as !== "keep") violations.unshift(...scope.violations);
  return { violations, draft, from: made.contents, replaced: !sameSource };
}

async function sourceViolations(
  run: Run,
  request: ImageRequest,
  source: ImageSource | undefined,
  draft: DraftOf<"image">,
  { region, account }: Scope,
): Promise<Violation[]> {
  const { instance, volume, imageFile, encrypted, kmsKeyId } = request;
  const violations = oneSourceRule("A private image", {
    instanceId: instance !== undefined,
    volumeId: volume !== undefined,
    imageFile: imageFile !== undefined,
  });
  if (!source) return violations;
  const from = sources.sourceInWords(source);
  const reached = source.type === "file" ? undefined : source.reached;
  if (reached) {
    const reachable = existsRule(reached, region);
    violations.push(...reachable);
    if (reachable.length > 0) return violations;
    violations.push(...ownedRule(reached, account), ...activeRule(reached));
  } else if (source.type === "file") {
    violations.push(...(source.judged?.violations ?? []));
  }
  violations.push(
    ...imageKindRule({
      source: source.type,
      from,
      imageType: draft.imageType,
      device: request.device,
      dataDevices: sources.dataDevicesOf(source),
      statesOs: request.os !== undefined,
      statesFormat: request.fileFormat !== undefined,
      encrypted,
      sourceEncrypted: draft.encrypted,
    }),
    ...(reached ? staysEncryptedRule(encrypted, draft.encrypted, from) : []),
    ...(source.type === "instance" ? fullIsPlainRule(draft.imageType, source.reached) : []),
    ...(await sealingViolations(run, kmsKeyId, draft, reached)),
  );
  return violations;
}

/** An instance's disks are frozen for one full image at a time; those of one run wait for each other. */
async function frozenViolations(
  facts: FactReader,
  source: ImageSource | undefined,
  role: Role<"image">,
): Promise<Violation[]> {
  const instance = source?.type === "instance" ? source.reached.record : undefined;
  if (!instance) return [];
  const running = await facts.runningFullImages(instance.id);
  const others = running.filter((image) => !role.isMadeHere(image));
  return notBeingFrozenRule(instance, others, "instanceId");
}

/** What the program states of an image that it takes over, against what the image is. */
function unlike(request: ImageRequest, source: ImageSource | undefined, standing: ImageRecord): Violation[] {
  const { source: found, imageType, encrypted, kmsKeyId } = standing;
  const pairs: [property: string, found: string | undefined, stated: Maybe<string> | undefined][] = [
    ["imageType", imageType, request.imageType],
    ["device", found?.device, request.device],
    ["fileFormat", found?.fileFormat, request.fileFormat],
    ["encrypted", String(encrypted), textOf(request.encrypted)],
    ["kmsKeyId", kmsKeyId, request.kmsKeyId],
  ];
  if (source) {
    const id = found?.type === source.type ? found.id : undefined;
    pairs.unshift([sources.propertyOf(source), id, sources.sourceId(source)]);
  }
  const described = describe("image", standing);
  return pairs.flatMap(([property, found, stated]) => alikeRule(property, described, found, stated));
}

function textOf(stated: Maybe<boolean> | undefined): Maybe<string> | undefined {
  return typeof stated === "boolean" ? String(stated) : stated;
}

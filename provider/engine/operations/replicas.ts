import type { DeviceMapping, ImageRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { contentsOf } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Operations } from "../engine";
import type { ReplicaFacts } from "../facts";
import type { Maybe, ReplicaRequest } from "../requests";
import { statedArchitectureRule } from "../rules/architecture";
import { quickIsPlainRule } from "../rules/encryption";
import { snapshotsOf } from "../rules/quotas";
import { replicableRule } from "../rules/replication";
import { oneSourceRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Assessment, Recipe, Role } from "./recipe";
import { foreseeDevices } from "./copied-devices";
import { draftImage, inheritedBefore, inheritedFromUnknown } from "./image-draft";
import type { Inherited } from "./image-draft";
import { architectureOf, imageFacts } from "./image-facts";
import { imagePlaces } from "./places";
import { idOf, reach } from "./references";
import { operationsOf } from "./operations";
import { isAnotherCopy, matches, quickOf, unlike } from "./replica-comparison";
import type { Run } from "./run";
import { masterKeyOf, sealingViolations } from "./sealing";
import { fillFromParent, inheritedFromParent, parentImage, parentImageViolations } from "./parent-image";

interface Copy {
  encrypted: Maybe<boolean>;
  quickProvisioning: Maybe<boolean>;
}

const VERBS = { verb: "replicate", done: "replicated" };

/** Images with the content of another, in the same region: sealed or not, or ready for quick provisioning. */
export function replicas(run: Run): Operations<ReplicaRequest, ReplicaFacts, ImageRecord> {
  return operationsOf(run, replicaRecipe(run), replicaFacts);
}

function replicaRecipe(run: Run): Recipe<"image", ReplicaRequest, ImageRecord> {
  return {
    kind: "image",
    noun: "replica",
    idPrefix: "img",
    assess: (facts, request, role) => assess(run, facts, request, role),
    matches: (facts, request, record) => matches(facts, request, record),
    foresee: (replica, source) => foreseeDevices(run, replica, source),
    fill: (replica, source, work) =>
      fillFromParent(run, replica, source, work, `replicating ${parentImage(source)}`),
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: ReplicaRequest,
  role: Role<"image">,
): Promise<Assessment<"image", ImageRecord>> {
  const { standing } = role;
  const scope = run.scopes.settle(request.declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  const sameSource = !image || idOf(image) === standing?.source?.id;
  const inherited =
    standing && (sameSource || role.as === "adopt")
      ? inheritedBefore(standing)
      : inheritedFrom(image?.record, role);
  const from = parentImage(image?.record);
  const { draft: settled, violations } = draftImage(request, inherited, from, scope, role);
  const draft: DraftOf<"image"> = {
    ...settled,
    ...(await copyOf(run, request, inherited, image, role)),
    ...(role.as === "create" && image?.record ? { scratch: heldOf(image.record) } : {}),
  };
  violations.push(...statedArchitectureRule(request.architecture, architectureOf(draft), from));
  const copy: Copy = { encrypted: draft.encrypted, quickProvisioning: quickOf(request, standing) };
  if (role.as === "create") {
    violations.unshift(...oneSourceRule("A replica", { imageId: image !== undefined }));
    violations.push(...quickIsPlainRule(copy.encrypted, copy.quickProvisioning));
    if (image) {
      const rules = async (record: DraftOf<"image">) => replicableRule(record, copy);
      violations.push(...(await parentImageViolations(facts, image, scope, VERBS, rules)));
    }
    violations.push(...(await sealingViolations(run, request.kmsKeyId, draft, image)));
    const snapshots = snapshotsOf(draft);
    violations.push(...(await imagePlaces(facts, run.scopes, "imageId", scope, snapshots, role.replaces)));
  }
  if (role.as === "adopt" && standing) violations.push(...unlike(request, image, standing));
  if (role.as !== "keep") violations.unshift(...scope.violations);
  return {
    violations,
    draft,
    // In a transaction it is a record.
    from: image?.record as ImageRecord | undefined,
    replaced: !sameSource || isAnotherCopy(request, standing),
  };
}

/** In what the replica differs from its source. */
async function copyOf(
  run: Run,
  request: ReplicaRequest,
  { fields }: Inherited,
  image: Reached<"image"> | undefined,
  { standing, as }: Role<"image">,
): Promise<Pick<DraftOf<"image">, "encrypted" | "kmsKeyId" | "quickProvisioning">> {
  const { declaration, kmsKeyId } = request;
  if (standing && as !== "create" && !isAnotherCopy(request, standing)) {
    return {
      encrypted: standing.encrypted,
      kmsKeyId: standing.kmsKeyId,
      quickProvisioning: standing.quickProvisioning,
    };
  }
  const encrypted = request.encrypted ?? fields.encrypted;
  const quick = quickOf(request, standing);
  return {
    encrypted,
    kmsKeyId: await masterKeyOf(run, encrypted, kmsKeyId, image?.record, declaration),
    quickProvisioning: quick === false ? undefined : quick,
  };
}

function inheritedFrom(image: DraftOf<"image"> | undefined, role: Role<"image">): Inherited {
  if (!image) return inheritedFromUnknown({});
  const { id, architectures } = image;
  return inheritedFromParent(image, { architectures, source: { type: "image", id } }, (mappings) =>
    mappings.map((mapping) => newMapping(mapping, role)),
  );
}

/** Each device of a replica stands by itself, whatever its source's is based on. */
function newMapping({ device, kind, size }: DeviceMapping, role: Role<"image">): DeviceMapping {
  return { device, kind, id: role.contentId(kind === "imageFile" ? "file" : "snap"), size };
}

/** The source may be deleted while it is copied: until then the replica holds its contents too. */
function heldOf(source: DraftOf<"image">): Maybe<string[]> {
  return isKnown(source.deviceMappings) ? contentsOf("image", source as ImageRecord) : UNKNOWN;
}

function replicaFacts(image: DraftOf<"image">): ReplicaFacts {
  const { encrypted, kmsKeyId } = image;
  return { ...imageFacts(image), encrypted, kmsKeyId: kmsKeyId as Maybe<string> | undefined };
}

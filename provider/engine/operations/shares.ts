import type { ShareRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Operations } from "../engine";
import type { ShareFacts } from "../facts";
import type { ShareRequest } from "../requests";
import { alikeRule } from "../rules/adoption";
import { describe } from "../messages";
import { memberRule, notTwiceRule, shareableRule } from "../rules/sharing";
import { activeRule, existsRule, oneSourceRule, ownPrivateImageRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Scope } from "../scope";
import type { Violation } from "../violation";
import type { Assessment, Recipe, Role } from "./recipe";
import { sharePlaces } from "./places";
import { idOf, isMember, reach } from "./references";
import { operationsOf } from "./operations";
import type { Run } from "./run";

/** Private images shared with other accounts of their region, one member each. */
export function shares(run: Run): Operations<ShareRequest, ShareFacts, ShareRecord> {
  return operationsOf(run, shareRecipe(run), shareFacts);
}

function shareRecipe(run: Run): Recipe<"share", ShareRequest> {
  return {
    kind: "share",
    noun: "share",
    idPrefix: "share",
    assess: (facts, request, role) => assess(run, facts, request, role),
    async matches(facts, request, record) {
      const id = request.image && idOf(await reach(facts, "image", request.image));
      if (id === undefined) return false;
      if (!isKnown(id) || !isKnown(request.memberId)) return UNKNOWN;
      return record.imageId === id && record.memberId === request.memberId;
    },
    async twin(facts, request) {
      const plan = await run.plan();
      const { declaredBy } = request.declaration;
      const same = await sameShare(facts, request);
      if (!same || (same.origin !== undefined && !isKnown(same.origin))) return undefined;
      if (same.account !== request.declaration.account) return undefined;
      const forgotten = same.origin?.declaredBy === declaredBy && !plan.isTaken(same.origin.creationToken);
      return same.origin === undefined || forgotten ? same : undefined;
    },
  };
}

async function assess(
  run: Run,
  facts: FactReader,
  request: ShareRequest,
  role: Role<"share">,
): Promise<Assessment<"share">> {
  const { memberId } = request;
  const { standing } = role;
  const scope = run.scopes.settle(request.declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  const sameImage = !image || idOf(image) === standing?.imageId;
  const draft: DraftOf<"share"> = {
    ...(standing ?? { createdAt: UNKNOWN, sequence: UNKNOWN }),
    id: role.id,
    region: scope.region,
    account: scope.account,
    imageId: image ? idOf(image) : (standing?.imageId ?? UNKNOWN),
    memberId,
    origin: role.origin,
  };
  const violations: Violation[] = [];
  if (role.as === "create") {
    violations.push(...oneSourceRule("A share", { imageId: image !== undefined }));
    violations.push(
      ...memberRule(memberId, scope.account, scope.region, run.scopes.accountsOf(scope.region)),
    );
    if (image) violations.push(...(await imageViolations(run, facts, request, image, scope, role)));
  }
  if (role.as === "adopt" && standing) {
    const described = describe("share", standing);
    violations.push(...alikeRule("imageId", described, standing.imageId, image && idOf(image)));
    violations.push(...alikeRule("memberId", described, standing.memberId, memberId));
  }
  if (role.as !== "keep") violations.unshift(...scope.violations);
  return { violations, draft, replaced: !sameImage || memberId !== standing?.memberId };
}

async function imageViolations(
  run: Run,
  facts: FactReader,
  request: ShareRequest,
  image: Reached<"image">,
  { region, account }: Scope,
  role: Role<"share">,
): Promise<Violation[]> {
  const { memberId } = request;
  const violations = existsRule(image, region);
  const { record } = image;
  if (!record || violations.length > 0) return violations;
  const verbs = { verb: "share", done: "shared" };
  violations.push(...ownPrivateImageRule(image, account, await isMember(facts, image, account), verbs));
  if (violations.length > 0) return violations;
  const same = await sameShare(facts, request);
  const twice = notTwiceRule(record, memberId, same, role.replaces?.id);
  violations.push(...activeRule(image), ...shareableRule(record), ...twice);
  if (twice.length === 0) {
    violations.push(...(await sharePlaces(facts, run.scopes, record, memberId, role.replaces)));
  }
  return violations;
}

/** A share of the same image with the same member. */
async function sameShare(
  facts: FactReader,
  { image, memberId }: ShareRequest,
): Promise<DraftOf<"share"> | undefined> {
  const id = image && idOf(await reach(facts, "image", image));
  if (id === undefined || !isKnown(id) || !isKnown(memberId)) return undefined;
  return (await facts.sharesOfImage(id)).find((share) => share.memberId === memberId);
}

function shareFacts({ region, account }: DraftOf<"share">): ShareFacts {
  return { region, account };
}

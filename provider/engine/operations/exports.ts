import { parseLocation, urlOf } from "../exports/location";
import type { Location } from "../exports/location";
import { defaultName } from "../exports/object-names";
import { describe, nameInProgram } from "../messages";
import type { DeviceMapping, ExportRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isPlanned } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Operations } from "../engine";
import type { ExportFacts } from "../facts";
import type { ExportRequest, Maybe } from "../requests";
import { alikeRule } from "../rules/adoption";
import {
  bucketUrlRule,
  exportableRule,
  formatRule,
  namesOfAnotherRule,
  objectNameRule,
  ownObjectsRule,
} from "../rules/exports";
import { activeRule, existsRule, oneSourceRule, ownPrivateImageRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Place, Scope } from "../scope";
import type { Violation } from "../violation";
import type { Assessment, Recipe, Role } from "./recipe";
import { ExportedObjects } from "./exported-objects";
import { operationsOf } from "./operations";
import { idOf, isMember, reach } from "./references";
import type { Run } from "./run";
import { inTime } from "./time-limit";

/**
 * Images written to buckets and folders.
 *
 * Nothing of an export changes in place, but what its objects are may. `read` looks at them: the record that it
 * returns has in `objects` what is there now, and in `drift` what differs from the record. `update` writes those again
 * that are gone, under their own names, and leaves those that others have changed; where the lifecycle knows of none
 * that is gone, it says so (`restore: false`), and an update needs no bucket within reach.
 */
export function imageExports(run: Run): Operations<ExportRequest, ExportFacts, ExportRecord> {
  const objects = new ExportedObjects(run);
  const recipe = exportRecipe(run, objects);
  const operations = operationsOf(run, recipe, exportFacts);
  return {
    ...operations,
    async read(id, asAccount) {
      const record = await operations.read(id, asAccount);
      return record && objects.look(record);
    },
    async update(id, request, report = () => undefined) {
      const record = await operations.update(id, request);
      if (request.restore === false) return record;
      const { declaration } = request;
      const doing = `Writing what is gone of export ${nameInProgram(declaration.declaredBy)}`;
      return inTime({ declaration, operation: "update", doing }, report, (work) =>
        objects.restore(record, work),
      );
    },
    async remove(id, options) {
      if (options?.deleteObjects) await objects.remove(id, options);
      await operations.remove(id, options);
    },
  };
}

function exportRecipe(run: Run, objects: ExportedObjects): Recipe<"export", ExportRequest, DeviceMapping[]> {
  return {
    kind: "export",
    noun: "export",
    idPrefix: "exp",
    assess: (facts, request, role) => assess(run, facts, request, role),
    async matches(facts, request, record) {
      const { draft } = drafted(request, request.image && (await reach(facts, "image", request.image)));
      const fields = ["imageId", "bucketUrl", "fileFormat", "name"] as const;
      if (fields.some((field) => isKnown(draft[field]) && draft[field] !== record[field])) return false;
      return fields.every((field) => isKnown(draft[field])) || UNKNOWN;
    },
    async twin(facts, request) {
      const plan = await run.plan();
      const { declaredBy, account } = request.declaration;
      const same = await sameExport(facts, request);
      if (!same || (same.origin !== undefined && !isKnown(same.origin))) return undefined;
      if (same.account !== account || same.status !== "active") return undefined;
      const forgotten = same.origin?.declaredBy === declaredBy && !plan.isTaken(same.origin.creationToken);
      return same.origin === undefined || forgotten ? same : undefined;
    },
    fill: async (record, devices = [], work) => ({
      objects: await objects.write(record, devices, work),
    }),
  };
}

/** An export of the same image to the same objects. */
async function sameExport(facts: FactReader, request: ExportRequest): Promise<DraftOf<"export"> | undefined> {
  const { draft } = drafted(request, request.image && (await reach(facts, "image", request.image)));
  const { imageId, bucketUrl, fileFormat, name } = draft;
  if (![imageId, bucketUrl, fileFormat, name].every(isKnown) || !isKnown(bucketUrl)) return undefined;
  return (await facts.exportsTo(bucketUrl)).find(
    (each) => each.imageId === imageId && each.fileFormat === fileFormat && each.name === name,
  );
}

/** Folders are each machine's own. */
async function otherExporter(
  facts: FactReader,
  { bucketUrl, name, fileFormat }: DraftOf<"export">,
  { kind }: Location,
): Promise<Place | undefined> {
  if (kind === "folder" || !isKnown(bucketUrl) || !isKnown(name) || !isKnown(fileFormat)) return undefined;
  return facts.otherExporter(bucketUrl, name, fileFormat);
}

/** What it replaces and is deleted before, without its objects. */
async function leftBehind(run: Run, { declaration, deleteObjects }: ExportRequest) {
  const plan = await run.plan();
  const id = plan.replacedBy(declaration.declaredBy);
  if (id === undefined || !plan.isGivenBack(id) || deleteObjects === true) return undefined;
  return plan.find("export", id);
}

async function assess(
  run: Run,
  facts: FactReader,
  request: ExportRequest,
  role: Role<"export">,
): Promise<Assessment<"export", DeviceMapping[]>> {
  const { standing, id, origin } = role;
  const scope = run.scopes.settle(request.declaration);
  const image = request.image && (await reach(facts, "image", request.image));
  const { draft: stated, location } = drafted(request, image, standing);
  const draft: DraftOf<"export"> = {
    ...(standing ?? { createdAt: UNKNOWN, sequence: UNKNOWN, status: "active", objects: [] }),
    ...stated,
    ...{ id, origin, region: scope.region, account: scope.account },
  };
  const violations: Violation[] = [];
  if (role.as === "create") {
    violations.push(...scope.violations, ...bucketUrlRule(request.bucketUrl));
    if (request.name !== undefined) violations.push(...objectNameRule(request.name));
    violations.push(...oneSourceRule("An export", { imageId: image !== undefined }));
    if (image) violations.push(...(await imageViolations(facts, draft, image, scope)));
    if (location && isKnown(draft.bucketUrl)) {
      const left = await leftBehind(run, request);
      // Together: what isn't known yet is read at once.
      const [seen, other] = await Promise.all([
        facts.exportsTo(draft.bucketUrl),
        otherExporter(facts, draft, location),
      ]);
      const others = left?.bucketUrl === draft.bucketUrl ? [...seen, left] : seen;
      violations.push(...ownObjectsRule(draft, location, others, role.replaces ?? left));
      violations.push(...namesOfAnotherRule(draft, location, other));
    }
  }
  if (role.as === "adopt") {
    violations.push(...scope.violations);
    if (standing) violations.push(...unlike(request, image, draft, standing));
  }
  const mappings = image?.record?.deviceMappings;
  return {
    violations,
    draft,
    from: mappings && isKnown(mappings) ? mappings : undefined,
    replaced: (["imageId", "bucketUrl", "fileFormat", "name"] as const).some(
      (field) => draft[field] !== standing?.[field],
    ),
  };
}

/** What the request says of the record, or what stands where it says nothing. */
function drafted(
  { bucketUrl, fileFormat, name }: ExportRequest,
  image: Reached<"image"> | undefined,
  standing?: ExportRecord,
): { draft: Pick<DraftOf<"export">, "imageId" | "bucketUrl" | "fileFormat" | "name">; location?: Location } {
  const imageId = image ? idOf(image) : (standing?.imageId ?? UNKNOWN);
  const parsed = isKnown(bucketUrl) ? parseLocation(bucketUrl) : undefined;
  const location = parsed && !("wrong" in parsed) ? parsed : undefined;
  const sameImage = imageId === standing?.imageId;
  return {
    draft: {
      imageId,
      bucketUrl: location ? urlOf(location) : UNKNOWN,
      fileFormat: fileFormat ?? standing?.fileFormat ?? "qcow2",
      name: name ?? (sameImage ? standing?.name : undefined) ?? nameOf(image?.record),
    },
    location,
  };
}

function nameOf(image: DraftOf<"image"> | undefined): Maybe<string> {
  if (!image || isPlanned(image) || !isKnown(image.name)) return UNKNOWN;
  return defaultName({ name: image.name, id: image.id });
}

async function imageViolations(
  facts: FactReader,
  { fileFormat }: DraftOf<"export">,
  image: Reached<"image">,
  { region, account }: Scope,
): Promise<Violation[]> {
  const violations = existsRule(image, region);
  const { record } = image;
  if (!record || violations.length > 0) return violations;
  const verbs = { verb: "export", done: "exported" };
  violations.push(...ownPrivateImageRule(image, account, await isMember(facts, image, account), verbs));
  if (violations.length > 0) return violations;
  return [...activeRule(image), ...exportableRule(record), ...formatRule(record, fileFormat)];
}

/** What the program states of an export that it takes over, against what the export is. */
function unlike(
  { bucketUrl, fileFormat, name }: ExportRequest,
  image: Reached<"image"> | undefined,
  draft: DraftOf<"export">,
  standing: ExportRecord,
): Violation[] {
  const described = describe("export", standing);
  return [
    ...bucketUrlRule(bucketUrl),
    ...alikeRule("imageId", described, standing.imageId, image && idOf(image)),
    ...alikeRule("bucketUrl", described, standing.bucketUrl, draft.bucketUrl),
    ...alikeRule("fileFormat", described, standing.fileFormat, fileFormat),
    ...alikeRule("name", described, standing.name, name),
  ];
}

function exportFacts({ region, account, name, fileFormat }: DraftOf<"export">): ExportFacts {
  return { region, account, name, fileFormat };
}

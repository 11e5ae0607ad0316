import { createHash } from "node:crypto";
import { unsupported, UserError } from "../user-error";
import { PACKAGE_VERSION } from "../version";
import type { PropertyFile } from "./property-file";
import { isEmpty, readOperation, readResource, writeOperation, writeResource } from "./resource-file";
import type { Json } from "./resource-file";
import type { Snapshot } from "./resource-state";

const VERSION = 3;
/** Stands in the manifest as what wrote the state; the CLI checks it against its hash. */
const WRITER = `pulumi-private-images v${PACKAGE_VERSION}`;

/** The fields of each object of a state, but for its resources. */
const FIELDS = {
  file: ["version", "features", "checkpoint", "deployment"],
  checkpoint: ["stack", "latest"],
  deployment: ["manifest", "secrets_providers", "resources", "pending_operations", "metadata"],
  manifest: ["time", "magic", "version", "plugins"],
  secrets_providers: ["type", "state"],
  metadata: ["integrity_error"],
};

/** A deployment as its file has it, not yet opened: checked for version and for what isn't supported. */
export interface DeploymentFile {
  deployment: Json;
  /** The encryption salt of its secrets, where it names a secrets provider. */
  salt?: string;
  hasSecrets: boolean;
}

/** A checkpoint file of a file backend. */
export function parseCheckpoint(text: string, file: string): DeploymentFile {
  try {
    const whole = parseJson(text, file);
    checkVersion(whole, file);
    const { checkpoint } = whole;
    if (!isRecord(checkpoint)) throw damaged(file, `it has no "checkpoint"`);
    refuseOtherFields(checkpoint, "checkpoint", file);
    return inspect((checkpoint.latest ?? {}) as Json, file, text);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    throw new UserError(
      `${error.message} ${file}.bak has the state from before the last run: put it in its place, then refresh.`,
    );
  }
}

/** What `stack export` writes. */
export function parseExport(text: string, file: string): DeploymentFile {
  const whole = parseJson(text, file);
  checkVersion(whole, file);
  const { deployment } = whole;
  if (!isRecord(deployment)) throw damaged(file, `it has no "deployment"`);
  return inspect(deployment, file, text);
}

export function openDeployment({ deployment }: DeploymentFile, values: PropertyFile): Snapshot {
  return {
    resources: ((deployment.resources ?? []) as Json[]).map((resource) => readResource(resource, values)),
    pendingOperations: ((deployment.pending_operations ?? []) as Json[]).map((operation) =>
      readOperation(operation, values),
    ),
  };
}

/** Needs the salt even where nothing is secret: the stack's next secret is encrypted with it. */
export function writeDeployment(snapshot: Snapshot, values: PropertyFile, salt?: string): Json {
  const deployment: Json = {
    manifest: {
      time: new Date().toISOString(),
      magic: createHash("sha256").update(WRITER).digest("hex"),
      version: WRITER,
    },
  };
  if (salt) deployment.secrets_providers = { type: "passphrase", state: { salt } };
  if (snapshot.resources.length > 0)
    deployment.resources = snapshot.resources.map((it) => writeResource(it, values));
  if (snapshot.pendingOperations.length > 0) {
    deployment.pending_operations = snapshot.pendingOperations.map((it) => writeOperation(it, values));
  }
  deployment.metadata = {};
  return deployment;
}

export function checkpointText(project: string, stack: string, deployment: Json): string {
  return JSON.stringify({
    version: VERSION,
    checkpoint: { stack: `organization/${project}/${stack}`, latest: deployment },
  });
}

export function exportText(deployment: Json): string {
  return JSON.stringify({ version: VERSION, deployment }, undefined, 4) + "\n";
}

function parseJson(text: string, file: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(file, `it isn't JSON (${(error as Error).message})`);
  }
  if (!isRecord(value)) throw damaged(file, "it isn't an object");
  return value;
}

function checkVersion(whole: Json, file: string): void {
  const { version, features } = whole;
  if (version === VERSION) return refuseOtherFields(whole, "file", file);
  if (typeof version !== "number") throw damaged(file, `it has no "version"`);
  if (version < VERSION) {
    throw new UserError(
      `${file} is a state of the old format version ${version}. Any update by a present Pulumi CLI brings it to version ${VERSION}.`,
    );
  }
  const needs = isEmpty(features) ? "" : ` for ${(features as string[]).join(", ")}`;
  throw new UserError(`${file}: ${unsupported(`A state of format version ${version}${needs}`)}`);
}

function inspect(deployment: Json, file: string, text: string): DeploymentFile {
  refuseOtherFields(deployment, "deployment", file);
  for (const name of ["manifest", "secrets_providers", "metadata"] as const) {
    const value = deployment[name] ?? {};
    if (!isRecord(value)) throw damaged(file, `its "${name}" isn't an object`);
    refuseOtherFields(value, name, file);
  }
  for (const name of ["resources", "pending_operations"]) {
    const list = deployment[name] ?? [];
    if (!Array.isArray(list) || !list.every(isRecord))
      throw damaged(file, `its "${name}" isn't a list of objects`);
  }
  if (!isEmpty(deployment.metadata)) {
    throw new UserError(
      `${file} was written by a run that broke its integrity ("metadata" says so). Repair it with \`pulumi state repair\`.`,
    );
  }
  return { deployment, salt: saltOf(deployment, file), hasSecrets: text.includes(`"ciphertext"`) };
}

function refuseOtherFields(object: Json, kind: keyof typeof FIELDS, file: string): void {
  const other = Object.keys(object).find((name) => !FIELDS[kind].includes(name) && !isEmpty(object[name]));
  if (other) throw new UserError(`${file}: ${unsupported(`The field "${other}" of the ${kind}`)}`);
}

function saltOf(deployment: Json, file: string): string | undefined {
  const provider = deployment.secrets_providers as { type?: string; state?: { salt?: string } } | undefined;
  if (isEmpty(provider) || !provider?.type) return undefined;
  if (provider.type !== "passphrase") {
    throw new UserError(
      `${file}: ${unsupported(
        `The secrets provider "${provider.type}"`,
        "`pulumi stack change-secrets-provider passphrase` changes to one that is.",
      )}`,
    );
  }
  if (typeof provider.state?.salt !== "string") throw damaged(file, "its secrets provider has no salt");
  return provider.state.salt;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class DamagedFile extends UserError {}

function damaged(file: string, why: string): DamagedFile {
  return new DamagedFile(`${file} is no state that can be read: ${why}. It is left as it was.`);
}

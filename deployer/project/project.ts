import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { unsupported, UserError } from "../user-error";
import { YamlFile } from "./yaml-file";

/** Pulumi.yaml, as far as images needs it. */
export interface Project {
  name: string;
  /** Pulumi.yaml, absolute. */
  file: string;
  /** Its folder. */
  dir: string;
  main?: string;
  runtime: { typescript?: boolean; nodeArgs?: string[] };
  backendUrl?: string;
  /** The folder of the Pulumi.STACK.yaml files, absolute. */
  stackConfigDir: string;
  /** What it says of configuration, by full key (`namespace:name`). */
  config: Map<string, ProjectConfig>;
}

export interface ProjectConfig {
  /** `value` or `default`, or the bare value. */
  value?: unknown;
  type?: string;
  secret?: boolean;
  /** The key as written, for messages. */
  written: string;
}

const DESCRIPTIVE = ["description", "author", "website", "license", "template"];
const KEYS = new Set([
  "name",
  "runtime",
  "main",
  "config",
  "backend",
  "stackConfigDir",
  "options",
  ...DESCRIPTIVE,
]);
const CONFIG_KEYS = new Set(["type", "description", "default", "value", "secret", "items"]);
const CONFIG_TYPES = new Set(["string", "integer", "boolean", "array", "object", "number"]);
const NAME = /^[a-zA-Z0-9_.-]{1,100}$/;

/** The project of the nearest Pulumi.yaml at or above a folder. */
export async function loadProject(cwd: string): Promise<Project> {
  const path = await findUpward(resolve(cwd));
  if (!path)
    throw new UserError(
      `There is no Pulumi.yaml in ${resolve(cwd)} or above it: images runs in a Pulumi project.`,
    );
  const file = await YamlFile.read(path);
  if (!file) throw new UserError(`${path} is gone.`);
  return readProject(file);
}

export function readProject(file: YamlFile): Project {
  const dir = dirname(file.path);
  refuseOtherKeys(file, [], KEYS);
  refuseOtherKeys(file, ["backend"], new Set(["url"]));
  const name = file.get("name");
  if (typeof name !== "string" || !NAME.test(name)) {
    throw file.error(["name"], `"name" must be up to 100 letters, digits, hyphens, underscores and periods.`);
  }
  if (file.get("options", "refresh")) {
    throw file.error(
      ["options", "refresh"],
      unsupported(`"refresh"`, "Or run `images refresh` before `images up`."),
    );
  }
  refuseOtherKeys(file, ["options"], new Set(["refresh"]));
  const stackConfigDir =
    string(file, "stackConfigDir") ??
    (typeof file.get("config") === "string" ? string(file, "config") : undefined);
  return {
    name,
    file: file.path,
    dir,
    main: string(file, "main"),
    runtime: readRuntime(file),
    backendUrl: string(file, "backend", "url"),
    stackConfigDir: resolve(dir, stackConfigDir ?? "."),
    config: readConfig(file, name),
  };
}

function readRuntime(file: YamlFile): Project["runtime"] {
  const runtime = file.get("runtime");
  const name = typeof runtime === "string" ? runtime : file.get("runtime", "name");
  if (name !== "nodejs") {
    throw file.error(["runtime"], unsupported(`The runtime ${JSON.stringify(name)}`));
  }
  refuseOtherKeys(file, ["runtime"], new Set(["name", "options"]));
  refuseOtherKeys(file, ["runtime", "options"], new Set(["typescript", "nodeargs", "packagemanager"]));
  const typescript = file.get("runtime", "options", "typescript");
  if (typescript !== undefined && typeof typescript !== "boolean") {
    throw file.error(["runtime", "options", "typescript"], `"typescript" must be true or false.`);
  }
  const nodeArgs = string(file, "runtime", "options", "nodeargs");
  return { typescript, nodeArgs: nodeArgs?.split(/\s+/).filter(Boolean) };
}

function readConfig(file: YamlFile, project: string): Map<string, ProjectConfig> {
  const config = new Map<string, ProjectConfig>();
  for (const written of file.keys("config")) {
    const own = !written.includes(":") || written.startsWith(`${project}:`);
    const key = written.includes(":") ? written : `${project}:${written}`;
    const value = file.get("config", written);
    const declared = typeof value === "object" && value !== null && !Array.isArray(value);
    config.set(key, declared ? { ...readDeclaration(file, written, own), written } : { value, written });
  }
  return config;
}

function readDeclaration(file: YamlFile, key: string, own: boolean): Omit<ProjectConfig, "written"> {
  const path = ["config", key];
  refuseOtherKeys(file, path, CONFIG_KEYS);
  const { type, secret, ...rest } = file.get(...path) as Record<string, unknown>;
  if (!own && (type !== undefined || "default" in rest || !("value" in rest))) {
    throw file.error(
      path,
      `"${key}" is another namespace's: it takes a "value" and neither "type" nor "default".`,
    );
  }
  if ("default" in rest && "value" in rest)
    throw file.error(path, `"${key}" can't have both "default" and "value".`);
  if (type !== undefined && !CONFIG_TYPES.has(type as string)) {
    throw file.error([...path, "type"], `${JSON.stringify(type)} is no type of configuration.`);
  }
  return { value: rest.value ?? rest.default, type: type as string | undefined, secret: secret === true };
}

function refuseOtherKeys(file: YamlFile, path: string[], known: Set<string>): void {
  for (const key of file.keys(...path)) {
    if (known.has(key)) continue;
    throw file.error([...path, key], unsupported(`"${[...path, key].join(".")}"`));
  }
}

function string(file: YamlFile, ...path: string[]): string | undefined {
  const value = file.get(...path);
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  throw file.error(path, `"${path.join(".")}" must be a string.`);
}

async function findUpward(folder: string): Promise<string | undefined> {
  for (let dir = folder; ; dir = dirname(dir)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
      const path = join(dir, name);
      if (
        await access(path).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
    if (dir === dirname(dir)) return undefined;
  }
}

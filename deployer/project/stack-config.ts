import { access } from "node:fs/promises";
import { join } from "node:path";
import { Document, isMap } from "yaml";
import { writeFileAtomically } from "../state/atomic-file";
import { fileError, unsupported, UserError } from "../user-error";
import type { Crypter } from "../secrets/crypter";
import { asText, hasType, holdsSecret, reveal } from "./config-value";
import type { Project } from "./project";
import { YamlFile } from "./yaml-file";

/** Configuration in plain text: `namespace:name` → value, objects and lists as JSON. */
export interface PlainConfig {
  values: Record<string, string>;
  secretKeys: Set<string>;
}

/** Configuration that tells the Pulumi CLI, not the program, what to do. */
const ENGINE_KEYS = ["pulumi:autonaming", "pulumi:disable-default-providers"];

/** Pulumi.STACK.yaml: the stack's configuration and the salt of its secrets. Its comments and order survive a change. */
export class StackConfig {
  private constructor(
    readonly path: string,
    private readonly project: Project,
    private readonly file: YamlFile,
    /** No file stands yet. */
    readonly isNew: boolean,
  ) {}

  static async load(project: Project, stack: string): Promise<StackConfig> {
    const path = await locate(project, stack);
    const file = await YamlFile.read(path);
    const config = new StackConfig(path, project, file ?? YamlFile.parse(path, ""), !file);
    config.refuseUnsupported();
    return config;
  }

  get salt(): string | undefined {
    return (this.file.get("encryptionsalt") as string | null | undefined) || undefined;
  }

  set salt(salt: string | undefined) {
    this.set(["encryptionsalt"], salt);
  }

  /** Full keys, in the file's order. */
  get keys(): string[] {
    return this.file.keys("config").map((key) => fullKey(key, this.project.name));
  }

  /** As the file has it, secrets encrypted, by full key. */
  get raw(): Record<string, unknown> {
    return Object.fromEntries(
      this.file.keys("config").map((key) => [fullKey(key, this.project.name), this.file.get("config", key)]),
    );
  }

  get hasSecrets(): boolean {
    return Object.values(this.raw).some(holdsSecret);
  }

  /** One key's value; a secret is decrypted. Undefined where it isn't set. */
  read(key: string, crypter?: Crypter): { value: string; secret: boolean } | undefined {
    const raw = this.raw[key];
    if (raw === undefined) return undefined;
    return { value: asText(reveal(raw, key, crypter)), secret: holdsSecret(raw) };
  }

  isSecret(key: string): boolean {
    return holdsSecret(this.raw[key]);
  }

  /** What is set, and where nothing is what the project says; only the keys that begin with `prefix`. */
  gather(crypter?: Crypter, prefix = ""): PlainConfig {
    const values: Record<string, string> = {};
    const secretKeys = new Set<string>();
    for (const [key, { value }] of this.project.config) {
      if (key.startsWith(prefix) && value !== undefined && value !== null) values[key] = asText(value);
    }
    for (const [key, raw] of Object.entries(this.raw)) {
      if (!key.startsWith(prefix)) continue;
      values[key] = asText(reveal(raw, key, crypter));
      if (holdsSecret(raw)) secretKeys.add(key);
    }
    return { values, secretKeys };
  }

  /** All of the configuration, held against what the project declares. */
  resolve(crypter?: Crypter): PlainConfig {
    const { values, secretKeys } = this.gather(crypter);
    const own = new Set(this.keys);
    const engineKey = ENGINE_KEYS.find((key) => values[key] !== undefined);
    if (engineKey) throw new UserError(`${this.path}: ${unsupported(`The configuration "${engineKey}"`)}`);
    const missing: string[] = [];
    for (const [key, declared] of this.project.config) {
      if (values[key] === undefined) missing.push(declared.written);
      else if (own.has(key)) this.checkDeclared(key, values[key], declared, secretKeys);
    }
    if (missing.length > 0) {
      throw new UserError(
        `${this.path}: configuration is missing that Pulumi.yaml asks for: ${missing.join(", ")}. Set it with \`images config set <key> <value>\`.`,
      );
    }
    return { values, secretKeys };
  }

  setValue(key: string, value: string, crypter?: Crypter): void {
    this.set(["config", this.writtenKey(key)], crypter ? { secure: crypter.encrypt(value) } : value);
  }

  /** False where the key isn't set. */
  removeValue(key: string): boolean {
    return this.file.document.deleteIn(["config", this.writtenKey(key)]);
  }

  async save(): Promise<void> {
    try {
      await writeFileAtomically(this.path, this.file.document.toString({ lineWidth: 0 }));
    } catch (error) {
      throw fileError(`Writing ${this.path}`, error);
    }
  }

  private set(path: string[], value: unknown): void {
    const { document } = this.file;
    if (!isMap(document.contents)) document.contents = new Document({}).contents;
    if (path[0] === "config" && !isMap(document.get("config")))
      document.set("config", document.createNode({}));
    document.setIn(path, typeof value === "object" ? document.createNode(value) : value);
  }

  private writtenKey(key: string): string {
    return this.file.keys("config").find((it) => fullKey(it, this.project.name) === key) ?? key;
  }

  private refuseUnsupported(): void {
    for (const key of this.file.keys()) {
      const value = this.file.get(key);
      if (key === "config" || key === "encryptionsalt" || value === null || value === "") continue;
      if (key === "secretsprovider" && (value === "passphrase" || value === "default")) continue;
      const what = key === "secretsprovider" ? `The secrets provider ${JSON.stringify(value)}` : `"${key}"`;
      throw this.file.error([key], unsupported(what));
    }
    for (const key of this.file.keys("config")) {
      try {
        fullKey(key, this.project.name);
      } catch (error) {
        throw this.file.error(["config", key], (error as Error).message);
      }
    }
  }

  private checkDeclared(
    key: string,
    value: string,
    { type, secret }: { type?: string; secret?: boolean },
    secretKeys: Set<string>,
  ): void {
    const written = this.writtenKey(key);
    if (secret && !secretKeys.has(key)) {
      throw this.file.error(
        ["config", written],
        `Pulumi.yaml says that "${key}" is secret, and here it stands in plain text. \`images config set --secret ${key}\` encrypts it.`,
      );
    }
    if (type && !hasType(value, type)) {
      throw this.file.error(
        ["config", written],
        `"${key}" must be of the type ${type}, as Pulumi.yaml says.`,
      );
    }
  }
}

/** `namespace:name` of a key as users write it: the project's name is the default namespace. */
export function fullKey(key: string, project: string): string {
  const parts = key.split(":");
  if (parts.some((part) => part === "")) throw new UserError(`"${key}" is no configuration key.`);
  if (parts.length === 1) return `${project}:${key}`;
  if (parts.length === 2) return key;
  if (parts.length === 3 && parts[1] === "config") return `${parts[0]}:${parts[2]}`;
  throw new UserError(`"${key}" is no configuration key: those have the form <namespace>:<name>.`);
}

async function locate(project: Project, stack: string): Promise<string> {
  const yml = join(project.stackConfigDir, `Pulumi.${stack}.yml`);
  const exists = await access(yml).then(
    () => true,
    () => false,
  );
  return exists ? yml : join(project.stackConfigDir, `Pulumi.${stack}.yaml`);
}

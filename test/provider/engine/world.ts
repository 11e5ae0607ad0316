import { DEFAULT_SETTINGS } from "../../../provider/engine/catalog/catalog-settings";
import type { CatalogSettings } from "../../../provider/engine/catalog/catalog-settings";
import type { Catalog } from "../../../provider/engine/catalog/catalog";
import type { DiskStore } from "../../../provider/engine/disks/disk-store";
import type { ExternalContents } from "../../../provider/engine/disks/external-contents";
import type { ProcessMark } from "../../../provider/engine/catalog/process-mark";
import { createImageEngine } from "../../../provider/engine/image-engine";
import type { KeyService } from "../../../provider/engine/keys/key-service";
import { MemoryKeyService } from "../../../provider/engine/keys/memory-key-service";
import type { WrappedKeys } from "../../../provider/engine/keys/wrapped-keys";
import { DEFAULT_QUOTAS } from "../../../provider/engine/model";
import type {
  Architecture,
  ImageRecord,
  InstanceRecord,
  Quotas,
  ShareRecord,
} from "../../../provider/engine/model";
import { UNKNOWN } from "../../../provider/engine/requests";
import type { ImageEngine, Operations } from "../../../provider/engine/engine";
import type { Checked } from "../../../provider/engine/facts";
import type {
  ConversionRequest,
  Declaration,
  ExportRequest,
  ImageRequest,
  InstanceRequest,
  Maybe,
  Reference,
  ReplicaRequest,
  ShareRequest,
  VolumeRequest,
} from "../../../provider/engine/requests";
import { ViolationError } from "../../../provider/engine/violation";

export const REGION = "local";
export const ACCOUNT = "default";
export const CENTOS = "img-pub-centos-7-4";
export const WINDOWS = "img-pub-windows-2016-datacenter-cn";

/** Accounts of the tests' region, besides the default one. */
export const TEAMS = ["team-1", "team-2", "team-3", "team-4", "team-5", "team-6", "team-7"];

let tokens = 0;

export interface RunOptions {
  account?: string;
  region?: string;
  /** Where exports stand on their way out. */
  workFolder?: string;
}

/** Two regions with the same accounts. */
export function settingsOf(quotas: Partial<Quotas> = {}): CatalogSettings {
  const accounts = [ACCOUNT, ...TEAMS].map((name) => ({ name, quotas: { ...DEFAULT_QUOTAS, ...quotas } }));
  const regions = [
    { name: REGION, accounts },
    { name: "remote", accounts },
  ];
  return { ...DEFAULT_SETTINGS, regions };
}

/** The disks of public images, for which no file is registered. */
export const standIns: ExternalContents = (id) =>
  id.startsWith("public:") ? { virtualBytes: 20 * 2 ** 30 } : undefined;

/** What a region is made of. */
export interface Adapters {
  catalog: Catalog;
  disks: DiskStore;
  keys?: KeyService;
  wrappedKeys?: WrappedKeys;
  /** The catalogue as another process has it open. */
  openedBy?(owner: ProcessMark): Catalog | Promise<Catalog>;
}

/** A region and runs against it. */
export class World {
  readonly catalog: Catalog;
  readonly disks: DiskStore;
  readonly keys: KeyService;

  constructor(private readonly adapters: Adapters) {
    this.catalog = adapters.catalog;
    this.disks = adapters.disks;
    this.keys = adapters.keys ?? new MemoryKeyService();
  }

  /** One run: a preview or an up. */
  run(options: RunOptions = {}): TestRun {
    const { wrappedKeys } = this.adapters;
    const engine = createImageEngine(this.catalog, this.disks, this.keys, { ...options, wrappedKeys });
    return new TestRun(engine, options);
  }

  /** From now on contents are made by the disk store's own work, also where it could foresee them. */
  withoutForesight(): this {
    this.disks.foresee = undefined;
    return this;
  }

  /** The same region as another process has it open. */
  async openedBy(owner: ProcessMark): Promise<World> {
    return new World({ ...this.adapters, keys: this.keys, catalog: await this.adapters.openedBy!(owner) });
  }
}

export function urn(name: string, type = "images:Thing"): string {
  return `urn:pulumi:dev::project::${type}::${name}`;
}

type Partly<T> = Partial<Omit<T, "declaration">>;

/** What a program says, as the lifecycles would ask for it. */
export class TestRun {
  constructor(
    readonly engine: ImageEngine,
    private readonly place: RunOptions,
    /** Runs of several processes need tokens that none of the others has. */
    private readonly newToken = () => `token-${++tokens}`,
  ) {}

  declare(name: string, extra: Partial<Declaration> = {}): Declaration {
    return {
      declaredBy: urn(name),
      creationToken: extra.oldToken ?? this.newToken(),
      region: this.place.region ?? REGION,
      account: this.place.account ?? ACCOUNT,
      ...extra,
    };
  }

  instance(name: string, request: Partly<InstanceRequest> = {}, declaration: Partial<Declaration> = {}) {
    const type: Maybe<Architecture> = "localDisk";
    return {
      systemDisk: { type },
      ...(request.diskFile === undefined ? { image: byId(CENTOS) } : {}),
      ...request,
      declaration: this.declare(name, declaration),
    } satisfies InstanceRequest as InstanceRequest;
  }

  image(
    name: string,
    instance: Reference | undefined,
    request: Partly<ImageRequest> = {},
    declaration: Partial<Declaration> = {},
  ): ImageRequest {
    return { declaration: this.declare(name, declaration), instance, ...request };
  }

  conversion(
    name: string,
    image: Reference,
    request: Partly<ConversionRequest> = {},
    declaration: Partial<Declaration> = {},
  ): ConversionRequest {
    return { declaration: this.declare(name, declaration), image, ...request };
  }

  replica(
    name: string,
    image: Reference,
    request: Partly<ReplicaRequest> = {},
    declaration: Partial<Declaration> = {},
  ): ReplicaRequest {
    return { declaration: this.declare(name, declaration), image, ...request };
  }

  share(
    name: string,
    image: Reference,
    memberId: Maybe<string>,
    request: Partly<ShareRequest> = {},
    declaration: Partial<Declaration> = {},
  ): ShareRequest {
    return { declaration: this.declare(name, declaration), image, memberId, ...request };
  }

  export(
    name: string,
    image: Reference,
    bucketUrl: Maybe<string>,
    request: Partly<ExportRequest> = {},
    declaration: Partial<Declaration> = {},
  ): ExportRequest {
    return { declaration: this.declare(name, declaration), image, bucketUrl, ...request };
  }

  volume(
    name: string,
    request: Partly<VolumeRequest> = {},
    declaration: Partial<Declaration> = {},
  ): VolumeRequest {
    return { declaration: this.declare(name, declaration), ...request };
  }
}

/** A resource that stands. */
export function byId(id: string): Reference {
  return { id };
}

/** A resource that the program declares and this run hasn't made yet. */
export function byName(name: string): Reference {
  return { id: UNKNOWN, declaredBy: urn(name) };
}

/** check, then create, as up does it; what either refuses is thrown. */
export async function up<Request, Facts, Record>(
  operations: Operations<Request, Facts, Record>,
  request: Request,
): Promise<Record> {
  const { violations } = await operations.check(request);
  if (violations.length > 0) throw new ViolationError(violations);
  return operations.create(request);
}

/** The reasons that a check gave, one text. */
export function reasons(checked: Checked<unknown>): string {
  return checked.violations.map(({ property, reason }) => `${property}: ${reason}`).join("\n");
}

/** The violations that an operation throws. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (ViolationError.is(error)) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** An instance and an image of it. */
export async function golden(
  run: TestRun,
  name = "golden",
  architecture: Architecture = "localDisk",
): Promise<{ instance: InstanceRecord; image: ImageRecord }> {
  const { engine } = run;
  const request = run.instance(`${name}-vm`, { systemDisk: { type: architecture } });
  const instance = await up(engine.instances, request);
  const image = await up(engine.images, run.image(name, byId(instance.id)));
  return { instance, image };
}

export type { ImageRecord, InstanceRecord, ShareRecord };

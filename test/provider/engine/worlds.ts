import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Catalog } from "../../../provider/engine/catalog/catalog";
import { MemoryCatalog } from "../../../provider/engine/catalog/memory-catalog";
import type { ProcessMark } from "../../../provider/engine/catalog/process-mark";
import type { ExternalContents } from "../../../provider/engine/disks/external-contents";
import { FolderDiskStore } from "../../../provider/engine/disks/folder-disk-store";
import { MemoryDiskStore } from "../../../provider/engine/disks/memory-disk-store";
import type { KeyVault } from "../../../provider/engine/keys/key-vault";
import { MemoryKeyStorage } from "../../../provider/engine/keys/memory/memory-key-storage";
import { MemoryKeyVault } from "../../../provider/engine/keys/memory/memory-key-vault";
import { PostgresWrappedKeys } from "../../../provider/engine/keys/postgres/postgres-wrapped-keys";
import { PostgresKeyService } from "../../../provider/engine/keys/postgres-key-service";
import { StoredKeyService } from "../../../provider/engine/keys/stored-key-service";
import type { Quotas } from "../../../provider/engine/model";
import { regionUnderTest } from "../../support/regions/region-under-test";
import { TeamDisks } from "../../support/regions/team-disks";
import { TeamRegion } from "../../support/regions/team-region";
import { sharedTeamServers } from "../../support/regions/team-servers";
import { memoryDisks, unhashed } from "./live-disks";
import type { LiveDisks } from "./live-disks";
import { settingsOf, standIns, World } from "./world";

export interface WorldOptions {
  /** Adapters in place of those in memory. */
  catalog?: Catalog;
  live?: LiveDisks;
  /** Master keys are kept in it. Default: in memory; of a team's region, on its token. */
  vault?: KeyVault;
  external?: ExternalContents;
}

/** A world whose disks VMs write and read. */
export interface LiveWorld extends World {
  readonly live: LiveDisks;
}

/** Worlds to be ended. */
type Ends = (() => Promise<unknown>)[];
type NewWorld<W extends World = World> = (quotas?: Partial<Quotas>, options?: WorldOptions) => Promise<W>;

/**
 * Makes the worlds of a suite's tests, each a region of its own that lives as long as its test: in memory, or the
 * region of a team where the tests are about that.
 */
export function worlds(): NewWorld {
  return ofSuite(async (quotas, { external = standIns, vault }) => {
    const disks = new MemoryDiskStore(external);
    return new World({ ...memoryCatalog(quotas), disks, keys: keysIn(vault) });
  }, teamWorld);
}

/** Worlds whose disks are files, where they aren't in a team's bucket. */
export function worldsOfFiles(): NewWorld {
  return ofSuite(async (quotas, { external = standIns, vault }, ends) => {
    const folder = await mkdtemp(path.join(tmpdir(), "images-world-"));
    ends.push(() => rm(folder, { recursive: true }));
    const disks = new FolderDiskStore(folder, external);
    return new World({ ...memoryCatalog(quotas), disks, keys: keysIn(vault) });
  }, teamWorld);
}

/** Worlds whose disks have contents that count; they aren't hashed. */
export function liveWorlds(): NewWorld<LiveWorld> {
  return ofSuite<LiveWorld>(async (quotas, { catalog, live = memoryDisks() }) => {
    const world = new World({ ...(catalog ? { catalog } : memoryCatalog(quotas)), disks: live.disks });
    return Object.assign(world, { live });
  }, liveTeamWorld);
}

type Make<W> = (quotas: Partial<Quotas>, options: WorldOptions, ends: Ends) => Promise<W>;

function ofSuite<W extends World>(inMemory: Make<W>, ofTeam: Make<W>): NewWorld<W> {
  const ends: Ends = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const make = regionUnderTest === "team" ? ofTeam : inMemory;
  return (quotas = {}, options = {}) => make(quotas, options, ends);
}

function memoryCatalog(quotas: Partial<Quotas>) {
  const catalog = new MemoryCatalog(settingsOf(quotas));
  return { catalog, openedBy: (owner: ProcessMark) => catalog.openedBy(owner) };
}

function keysIn(vault: KeyVault = new MemoryKeyVault()): StoredKeyService {
  return new StoredKeyService(new MemoryKeyStorage(), vault);
}

async function teamWorld(
  quotas: Partial<Quotas>,
  { vault, external = standIns }: WorldOptions,
  ends: Ends,
): Promise<LiveWorld> {
  const region = await TeamRegion.make(await sharedTeamServers(), regionFileOf(quotas));
  ends.push(() => region.remove());
  const opened = region.openDisks(external);
  ends.push(() => opened.close());
  const { store, database } = opened;
  // Disks stay sealed by what the region was made with.
  const keys = vault ? new PostgresKeyService(database, vault) : opened.keys;
  const open = async (owner?: ProcessMark): Promise<Catalog> => {
    const catalog = await region.openCatalog(owner);
    ends.push(() => catalog.close());
    return catalog;
  };
  const world = new World({
    catalog: await open(),
    disks: store,
    keys,
    wrappedKeys: new PostgresWrappedKeys(database),
    openedBy: open,
  });
  return Object.assign(world, { live: new TeamDisks(region, opened) });
}

const liveTeamWorld: Make<LiveWorld> = async (...args) => {
  const world = await teamWorld(...args);
  unhashed(world.disks);
  return world;
};

/** What `settingsOf` says, as an operator's file. */
function regionFileOf(quotas: Partial<Quotas>): string {
  const documents = settingsOf().regions.map(({ name, accounts }) => {
    const names = accounts.map((account) => ({ name: account.name }));
    return `region: ${name}\nquotas: ${JSON.stringify(quotas)}\naccounts: ${JSON.stringify(names)}\n`;
  });
  return documents.join("---\n");
}

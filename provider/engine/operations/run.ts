import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { Catalog } from "../catalog/catalog";
import type { DiskStore, ForeignFile } from "../disks/disk-store";
import { removeLeftovers, temporaryPath } from "../disks/temporary-file";
import type { KeyOwner, KeyService, MasterKey } from "../keys/key-service";
import type { WrappedKeys } from "../keys/wrapped-keys";
import { killPoint } from "../kill-points";
import type { CatalogRecord, Kind } from "../model";
import { Plan } from "../plan";
import { Scopes } from "../scope";
import { RecordKeys } from "./record-keys";

/** Milliseconds until the first marking of seen tokens; doubled each time, so that a run marks a few times only. */
const FIRST_MARKING = 25;

/** Contents that are removed at a time. */
const REMOVALS = 4;

/** What the operations of one run share. */
export class Run {
  readonly scopes: Scopes;
  private readonly planned: Plan;
  private swept?: Promise<void>;
  private listedKeys?: Promise<readonly MasterKey[]>;
  private lastCheck: Promise<unknown> = Promise.resolve();
  private readonly lines = new Map<string, Promise<unknown>>();
  private readonly inspected = new Map<string, ReturnType<DiskStore["inspectFile"]>>();
  private readonly unmarked = new Set<string>();
  private marking?: NodeJS.Timeout;
  private marks: Promise<unknown> = Promise.resolve();
  private markingDelay = FIRST_MARKING;

  constructor(
    readonly catalog: Catalog,
    readonly disks: DiskStore,
    readonly keys: KeyService,
    private readonly workFolder = tmpdir(),
    readonly wrappedKeys: WrappedKeys = new RecordKeys(catalog),
  ) {
    this.scopes = new Scopes(catalog.regions);
    this.planned = new Plan(catalog);
  }

  /** The run's plan; `declaredBy`: with what the stack of that resource has declared. */
  async plan(declaredBy?: string): Promise<Plan> {
    await this.planned.begin(declaredBy);
    return this.planned;
  }

  /** Tells what a check is going to ask for, before its turn comes. */
  foresee(kind: Kind, id: string): void {
    this.planned.foresee(kind, id);
  }

  /** All master keys as the run found them, and a default key that it has made since. */
  masterKeys(): Promise<readonly MasterKey[]> {
    if (this.listedKeys) return this.listedKeys;
    const listing = this.keys.list();
    this.listedKeys = listing;
    // A failure isn't kept: what was in the way may be gone at the next try.
    listing.catch(() => (this.listedKeys = undefined));
    return listing;
  }

  /** They are asked for again: another run may have changed them. */
  forgetKeys(): void {
    this.listedKeys = undefined;
  }

  /** The owner's default key, made now where there is none yet. */
  async defaultKey(owner: KeyOwner): Promise<MasterKey> {
    const key = await this.keys.defaultKey(owner);
    const listed = await this.masterKeys();
    if (!listed.some(({ id }) => id === key.id)) this.listedKeys = undefined;
    return key;
  }

  /** Checks fill the plan one after another, each knowing all before it. */
  inTurn<T>(check: () => Promise<T>): Promise<T> {
    const result = this.lastCheck.then(check);
    this.lastCheck = result.catch(() => undefined);
    return result;
  }

  /** What importing a disk file would make: each file is looked at once, so that check and create judge alike. */
  inspectFile(file: ForeignFile): ReturnType<DiskStore["inspectFile"]> {
    const key = JSON.stringify(file);
    const found = this.inspected.get(key) ?? this.disks.inspectFile(file);
    this.inspected.set(key, found);
    return found;
  }

  /** Path for a file on its way out of the region, which whoever asks removes; a dead process's are removed here. */
  async workFile(): Promise<string> {
    await mkdir(this.workFolder, { recursive: true });
    await removeLeftovers(this.workFolder);
    return temporaryPath(this.workFolder);
  }

  /** Work of the same line waits for the work before it. */
  async inLine<T>(line: string, work: () => Promise<T>): Promise<T> {
    const before = this.lines.get(line) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result.catch(() => undefined);
    this.lines.set(line, settled);
    try {
      return await result;
    } finally {
      if (this.lines.get(line) === settled) this.lines.delete(line);
    }
  }

  /**
   * Clears away what processes that died left half-made or half-removed, once, before this run's first write. A content
   * that can't be removed isn't in the way of what the run is about.
   */
  beforeWrite(): Promise<void> {
    this.swept ??= this.sweep().then(() => undefined);
    return this.swept;
  }

  /** Clears that away now; returns why some of it stays, noted in the catalogue for a later sweep. */
  async sweep(): Promise<unknown> {
    const { removed, failure } = await this.removeContents(await this.catalog.sweep());
    await this.catalog.forgetDiscarded(removed);
    return failure;
  }

  /** Removes contents that the catalogue has discarded; what can't be removed now is noted there for a later sweep. */
  async removeDiscarded(ids: readonly string[]): Promise<void> {
    await this.removeContents(ids);
  }

  /** Remembers that the state knows the record, so that no later run takes it for a cut-off creation. */
  seen(record: Pick<CatalogRecord, "origin">): void {
    if (!record.origin || record.origin.seen) return;
    this.unmarked.add(record.origin.creationToken);
    this.marking ??= setTimeout(() => void this.mark(), this.markingDelay).unref();
  }

  async close(): Promise<void> {
    await this.mark();
    await this.planned.settled();
    await this.keys.close();
    await this.catalog.close();
  }

  /** A store that is away fails all that are removed at a time, and is waited for once. What fails alone stays alone. */
  private async removeContents(
    ids: readonly string[],
  ): Promise<{ removed: readonly string[]; failure?: unknown }> {
    const removed: string[] = [];
    let failure: unknown;
    const remove = async (id: string) => {
      await this.disks.remove(id);
      removed.push(id);
      killPoint("content-removed");
    };
    for (let next = 0; next < ids.length; next += REMOVALS) {
      const before = removed.length;
      const some = ids.slice(next, next + REMOVALS);
      await Promise.all(some.map((id) => remove(id).catch((error: unknown) => (failure ??= error))));
      if (removed.length === before) break;
    }
    return { removed, failure };
  }

  /** Marks what waits for it, after what is being marked: nothing of it goes on once this is done. */
  private mark(): Promise<unknown> {
    clearTimeout(this.marking);
    this.marking = undefined;
    this.markingDelay *= 2;
    const tokens = [...this.unmarked];
    this.unmarked.clear();
    if (tokens.length > 0) {
      // A preview may run where nothing can be written: the next run that can marks them.
      const markAll = () => this.catalog.markSeen(tokens).catch(() => undefined);
      this.marks = this.marks.then(markAll);
    }
    return this.marks;
  }
}

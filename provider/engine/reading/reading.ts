import type { Catalog, CatalogReader, CatalogSnapshot, CatalogView, PlacesTaken } from "../catalog/catalog";
import type { ExportFormat, Kind, Kinds } from "../model";
import { isPlanned } from "../records";
import { stackOf } from "../requests";
import type { Place } from "../scope";
import { Questions } from "./questions";
import { sourcesOf } from "./sources";

/** Questions that are answered with records of one kind. */
type Listing =
  | "privateImages"
  | "sharesOfImage"
  | "runningConversions"
  | "runningFullImages"
  | "runningExports"
  | "exportsTo";

/** Whoever keeps what is read. */
export interface Learner {
  /** Whether the run knows of the record already, or that it is gone. */
  knows(kind: Kind, id: string): boolean;
  learn<K extends Kind>(kind: K, record: Kinds[K]): void;
  counted(taken: readonly PlacesTaken[]): void;
  /** The member has taken so many shares more than may be read. */
  hiddenShares(region: string, memberId: string, count: number): void;
}

/** What one run reads of the catalogue: little at its beginning, and more when it is first asked for. */
export class Reading {
  private readonly questions: Questions;
  private readonly stacks = new Set<string>();
  private readonly otherExporters = new Map<string, Place>();
  private all: Promise<void> | undefined;
  private hasAll = false;

  constructor(
    private readonly catalog: Catalog,
    private readonly learner: Learner,
  ) {
    this.questions = new Questions(catalog);
    for (const image of catalog.offeredImages) learner.learn("image", image);
  }

  /** The places taken, as they are before the run's first write. */
  places(): Promise<void> {
    return this.questions.once(
      "places",
      (view) => view.placesTaken(),
      (taken) => this.learner.counted(taken),
    );
  }

  /** What the stack of a resource has declared. */
  stack(urn: string): Promise<void> {
    const stack = stackOf(urn);
    return this.questions.once(
      `stack ${stack}`,
      (view) => view.declaredIn(stack),
      (records) => {
        this.learnAll(records);
        this.stacks.add(stack);
        // Together: those of other stacks would be asked for by one check after the other.
        for (const { kind, id } of sourcesOf(records)) this.foresee(kind, id);
      },
    );
  }

  async record(kind: Kind, id: string): Promise<void> {
    if (this.hasAll || this.learner.knows(kind, id) || isPlanned({ id })) return;
    await this.questions.once(
      `${kind} ${id}`,
      (view) => view.get(kind, id),
      (record) => record && this.learner.learn(kind, record),
    );
  }

  /** Reads what is going to be asked for, together with what others foresee. */
  foresee(kind: Kind, id: string): void {
    // Whoever asks then, reads again and is told.
    this.record(kind, id).catch(() => undefined);
  }

  async withToken(kind: Kind, creationToken: string): Promise<void> {
    if (this.hasAll) return;
    await this.questions.once(
      `${kind} of ${creationToken}`,
      (view) => view.withToken(kind, creationToken),
      (record) => record && this.learner.learn(kind, record),
    );
  }

  async declaredBy(kind: Kind, urn: string): Promise<void> {
    if (this.hasAll || this.stacks.has(stackOf(urn))) return;
    await this.listed(kind, `${kind} by ${urn}`, (view) => view.declaredBy(kind, urn));
  }

  async list<Q extends Listing>(kind: Kind, question: Q, ...of: Parameters<CatalogReader[Q]>): Promise<void> {
    if (this.hasAll || isPlanned({ id: of[0] })) return;
    const ask = (view: CatalogView) =>
      (view[question] as (...of: string[]) => Promise<readonly Kinds[Kind][]>)(...of);
    await this.listed(kind, [question, ...of].join("\n"), ask);
  }

  /** What a member has taken, which other accounts may have given: both at one moment, so that none counts twice. */
  async acceptedShares(region: string, memberId: string): Promise<void> {
    await this.questions.once(
      `accepted ${region} ${memberId}`,
      (view) => Promise.all([view.acceptedShareCount(region, memberId), view.sharesWith(region, memberId)]),
      ([count, shares]) => {
        this.learn("share", shares);
        this.learner.hiddenShares(region, memberId, count - shares.length);
      },
    );
  }

  /** The account that isn't seen and has a name in a bucket. */
  async otherExporter(bucketUrl: string, name: string, fileFormat: ExportFormat): Promise<Place | undefined> {
    const key = ["export", bucketUrl, name, fileFormat].join("\n");
    await this.questions.once(
      key,
      (view) => view.otherExporter(bucketUrl, name, fileFormat),
      (exporter) => exporter && this.otherExporters.set(key, exporter),
    );
    return this.otherExporters.get(key);
  }

  /** Other images may hold the same snapshot. */
  async holdersOf(snapshotId: string): Promise<void> {
    if (this.hasAll) return;
    await this.listed("image", `holders of ${snapshotId}`, (view) => view.imagesHolding(snapshotId));
  }

  /** The whole catalogue: for what looks at everything there is. */
  everything(): Promise<void> {
    if (this.all) return this.all;
    const reading = this.catalog.snapshot().then((records) => {
      this.learnAll(records);
      this.hasAll = true;
    });
    this.all = reading;
    reading.catch(() => (this.all = undefined));
    return reading;
  }

  /** Nothing is read any more that was asked for already. */
  async settled(): Promise<void> {
    await Promise.all([this.questions.settled(), this.all?.catch(() => undefined)]);
  }

  private listed(
    kind: Kind,
    key: string,
    ask: (view: CatalogView) => Promise<readonly Kinds[Kind][]>,
  ): Promise<void> {
    return this.questions.once(key, ask, (records) => this.learn(kind, records));
  }

  private learnAll({ images, instances, volumes, shares, exports }: CatalogSnapshot): void {
    this.learn("image", images);
    this.learn("instance", instances);
    this.learn("volume", volumes);
    this.learn("share", shares);
    this.learn("export", exports);
  }

  private learn<K extends Kind>(kind: K, records: readonly Kinds[K][]): void {
    for (const record of records) this.learner.learn(kind, record);
  }
}

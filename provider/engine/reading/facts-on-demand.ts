import type { ExportFormat, Kind } from "../model";
import type { RecordIndex } from "../record-index";
import type { DraftOf, FactReader } from "../records";
import { isKnown } from "../requests";
import type { Reading } from "./reading";

/** Answers the questions of rules from an index, into which is read first what the answer needs. */
export class FactsOnDemand implements FactReader {
  constructor(
    private readonly index: RecordIndex,
    private readonly reading: Reading,
  ) {}

  async get<K extends Kind>(kind: K, id: string): Promise<DraftOf<K> | undefined> {
    await this.reading.record(kind, id);
    return this.index.find(kind, id);
  }
  async declaredBy<K extends Kind>(kind: K, urn: string): Promise<DraftOf<K>[]> {
    await this.reading.declaredBy(kind, urn);
    return this.index.declaredBy(kind, urn);
  }
  async privateImages(region: string, account: string) {
    await this.reading.list("image", "privateImages", region, account);
    return inOrder(this.index.privateImages(region, account));
  }
  async privateImageCount(region: string, account: string) {
    await this.reading.places();
    return this.index.privateImageCount(region, account);
  }
  async snapshotCount(region: string, account: string) {
    await this.reading.places();
    return this.index.snapshotCount(region, account);
  }
  async sharesOfImage(imageId: string) {
    await this.reading.list("share", "sharesOfImage", imageId);
    return inOrder(this.index.sharesOf(imageId));
  }
  async sharesWith(region: string, memberId: string) {
    await this.reading.acceptedShares(region, memberId);
    return inOrder(this.index.sharesWith(region, memberId));
  }
  async acceptedShareCount(region: string, memberId: string) {
    await this.reading.acceptedShares(region, memberId);
    return this.index.acceptedShareCount(region, memberId);
  }
  async runningConversions(imageId: string) {
    await this.reading.list("image", "runningConversions", imageId);
    return inOrder(this.index.runningConversions(imageId));
  }
  async runningFullImages(instanceId: string) {
    await this.reading.list("image", "runningFullImages", instanceId);
    return inOrder(this.index.runningFullImages(instanceId));
  }
  async runningExports(imageId: string) {
    await this.reading.list("export", "runningExports", imageId);
    return inOrder(this.index.runningExports(imageId));
  }
  async exportsTo(bucketUrl: string) {
    await this.reading.list("export", "exportsTo", bucketUrl);
    return inOrder(this.index.exportsTo(bucketUrl));
  }
  otherExporter(bucketUrl: string, name: string, fileFormat: ExportFormat) {
    return this.reading.otherExporter(bucketUrl, name, fileFormat);
  }
}

/** Oldest first, whatever was read first; what is planned last. */
function inOrder<R extends { sequence: number | symbol }>(records: R[]): R[] {
  const placeOf = ({ sequence }: R) => (isKnown(sequence) ? Number(sequence) : Infinity);
  return records.sort((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
}

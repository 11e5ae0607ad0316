import type { KeyOwner } from "../../keys/key-service";
import type { Bucket } from "../../s3/bucket";
import type { ContentIndex } from "./content-index";
import type { ContentObjects } from "./content-objects";

/** An object, or an upload that was neither completed nor aborted, which belongs to no content. */
interface Stray {
  key: string;
  uploadId?: string;
}

/** Objects of disks that stand in a bucket for `owners` and belong to no content of theirs, discarded ones included. */
export class Strays {
  constructor(
    private readonly index: ContentIndex,
    private readonly objects: ContentObjects,
    private readonly owners: readonly KeyOwner[],
  ) {}

  /** URLs of them. */
  async list(bucket: Bucket): Promise<string[]> {
    return (await this.find(bucket)).map(({ key }) => urlOf(bucket, key));
  }

  /** Removes those of the URLs that are strays still. */
  async remove(bucket: Bucket, urls: readonly string[]): Promise<void> {
    for (const { key, uploadId } of await this.find(bucket)) {
      if (!urls.includes(urlOf(bucket, key))) continue;
      if (uploadId === undefined) await bucket.delete(key);
      else await bucket.uploads.abort(key, uploadId);
    }
  }

  /** What no content reads from or is being sent as. */
  private async find(bucket: Bucket): Promise<Stray[]> {
    const found: Stray[] = [];
    for (const owner of this.owners) {
      const prefix = this.objects.prefixOf(owner);
      const note = (stray: Stray): void => {
        if (this.objects.isOne(stray.key, owner)) found.push(stray);
      };
      for await (const key of bucket.keys(prefix)) note({ key });
      for await (const upload of bucket.uploads.under(prefix)) note(upload);
    }
    if (found.length === 0) return [];
    // After the bucket: an entry comes before its object.
    const states = new Map<string, "discarded" | "writing" | "whole">();
    for (const content of await this.index.discarded())
      if (content.objectId !== undefined)
        states.set(this.objects.keyOf({ ...content, objectId: content.objectId }), "discarded");
    for (const entry of await this.index.list()) {
      if (entry.state === "writing") states.set(this.objects.keyOf(entry), entry.state);
      const object = entry.state === "whole" ? entry.object : undefined;
      if (object) states.set(this.objects.keyOf({ ...entry, ...object }), "whole");
    }
    // Nothing is sent any more to what is whole.
    return found.filter(
      ({ key, uploadId }) => !states.has(key) || (uploadId !== undefined && states.get(key) === "whole"),
    );
  }
}

function urlOf(bucket: Bucket, key: string): string {
  return `s3://${bucket.name}/${key}`;
}

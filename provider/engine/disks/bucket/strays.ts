import type { KeyOwner } from "../../keys/key-service";
import type { Bucket } from "../../s3/bucket";
import type { ContentIndex } from "./content-index";
import type { ContentObjects } from "./content-objects";

/** An object, or an upload that was neither completed nor aborted, which belongs to no content. */
interface Stray {
  key: string;
  uploadId?: string;
}

/** What stands in a bucket under the prefixes of `owners` and belongs to no content of theirs, discarded ones included. */
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
    for (const prefix of this.owners.map((owner) => this.objects.prefixOf(owner))) {
      for await (const key of bucket.keys(prefix)) found.push({ key });
      for await (const upload of bucket.uploads.under(prefix)) found.push(upload);
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

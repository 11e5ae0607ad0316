import type { Catalog } from "../catalog/catalog";
import type { StandingKey, WrappedKeys } from "../keys/wrapped-keys";

/** The wrapped data keys of a catalogue's records. */
export class RecordKeys implements WrappedKeys {
  constructor(private readonly catalog: Catalog) {}

  async wrappedBy(keyId: string): Promise<StandingKey[]> {
    const { images, instances, volumes } = await this.catalog.snapshot();
    const ofKind = (kind: StandingKey["kind"], records: readonly SealedRecord[]) =>
      records.flatMap(({ id, kmsKeyId, wrappedKey }) =>
        kmsKeyId === keyId && wrappedKey !== undefined ? [{ kind, id, wrappedKey }] : [],
      );
    return [...ofKind("image", images), ...ofKind("instance", instances), ...ofKind("volume", volumes)];
  }

  replace({ kind, id, wrappedKey }: StandingKey, rewrapped: string): Promise<boolean> {
    return this.catalog.transaction(async (tx) => {
      const changes = { wrappedKey: rewrapped };
      const standsIn = (record: SealedRecord | undefined) => record?.wrappedKey === wrappedKey;
      if (kind === "image" && standsIn(await tx.image(id))) await tx.update("image", id, changes);
      else if (kind === "instance" && standsIn(await tx.instance(id)))
        await tx.update("instance", id, changes);
      else if (kind === "volume" && standsIn(await tx.volume(id))) await tx.update("volume", id, changes);
      else return false;
      return true;
    });
  }
}

interface SealedRecord {
  id: string;
  kmsKeyId?: string;
  wrappedKey?: string;
}

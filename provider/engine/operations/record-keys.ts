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
    if (kind === "object") return Promise.resolve(false);
    return this.catalog.transaction(async (tx) => {
      const record: SealedRecord | undefined = await tx.get(kind, id);
      if (record?.wrappedKey !== wrappedKey) return false;
      await tx.update(kind, id, { wrappedKey: rewrapped });
      return true;
    });
  }
}

interface SealedRecord {
  id: string;
  kmsKeyId?: string;
  wrappedKey?: string;
}

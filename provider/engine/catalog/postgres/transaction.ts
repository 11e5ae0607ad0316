import type { ExportRecord, ImageRecord, InstanceRecord, ShareRecord, VolumeRecord } from "../../model";
import { Fault } from "../../violation";
import type { CatalogTransaction } from "../catalog";
import { EXPORT, IMAGE, INSTANCE, SHARE, VOLUME, type Kind, type Stored } from "../sql/rows";
import type { Creators } from "./creators";
import { isRefusal } from "./failures";
import { PostgresReader } from "./reader";
import type { Session } from "./session";

type New<T> = Omit<T, "createdAt" | "sequence">;

/** The audit's record of a change, by which a commit is known that wasn't answered. */
const PROOF = "select 1 from audit where transaction = $1::xid8 and kind = $2 and id = $3 limit 1";

/** Writes by the database's functions, one round trip each, which keep every rule themselves. */
export class PostgresTransaction extends PostgresReader implements CatalogTransaction {
  /** Key of this process, where the transaction needed it. */
  creator: number | undefined;

  constructor(
    private readonly session: Session,
    creators: Creators,
    offered: ReadonlyMap<string, ImageRecord>,
  ) {
    super(session, creators, offered);
  }

  insertImage(record: New<ImageRecord>) {
    return this.insert<ImageRecord>(IMAGE, record);
  }
  insertInstance(record: New<InstanceRecord>) {
    return this.insert<InstanceRecord>(INSTANCE, record);
  }
  insertVolume(record: New<VolumeRecord>) {
    return this.insert<VolumeRecord>(VOLUME, record);
  }
  insertShare(record: New<ShareRecord>) {
    return this.insert<ShareRecord>(SHARE, record);
  }
  insertExport(record: New<ExportRecord>) {
    return this.insert<ExportRecord>(EXPORT, record);
  }

  updateImage(id: string, changes: Partial<ImageRecord>) {
    return this.update<ImageRecord>(IMAGE, id, changes);
  }
  updateInstance(id: string, changes: Partial<InstanceRecord>) {
    return this.update<InstanceRecord>(INSTANCE, id, changes);
  }
  updateVolume(id: string, changes: Partial<VolumeRecord>) {
    return this.update<VolumeRecord>(VOLUME, id, changes);
  }
  updateShare(id: string, changes: Partial<ShareRecord>) {
    return this.update<ShareRecord>(SHARE, id, changes);
  }
  updateExport(id: string, changes: Partial<ExportRecord>) {
    return this.update<ExportRecord>(EXPORT, id, changes);
  }

  deleteImage(id: string) {
    return this.delete(IMAGE, id);
  }
  deleteInstance(id: string) {
    return this.delete(INSTANCE, id);
  }
  deleteVolume(id: string) {
    return this.delete(VOLUME, id);
  }
  deleteShare(id: string) {
    return this.delete(SHARE, id);
  }
  deleteExport(id: string) {
    return this.delete(EXPORT, id);
  }

  async discardDisks(ids: readonly string[]): Promise<string[]> {
    return ids.length === 0 ? [] : this.session.call<string[]>("discard_contents", ids);
  }

  private async insert<T extends Stored>(kind: Kind<T>, record: New<T>): Promise<T> {
    const { id } = record as unknown as T;
    try {
      const creator = await this.creatorOf(record as Partial<Stored>);
      return await this.write<T>(kind, id, "insert_record", kind.noun, JSON.stringify(record), creator);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const doing = `Recording ${kind.noun} ${id}`;
      if (error.constraint === "id-taken") throw new Fault(doing, { says: "the ID is taken", cause: error });
      // Judged again first: it may just have gone.
      if (error.constraint === "source-absent" && kind.noun === SHARE.noun) {
        error.cause = new Fault(doing, {
          says: `there is no image ${(record as Partial<ShareRecord>).imageId}`,
        });
      }
      throw error;
    }
  }

  private async update<T extends Stored>(kind: Kind<T>, id: string, changes: Partial<T>): Promise<T> {
    // A field given as undefined is taken out, which JSON has no word for but null.
    const given = JSON.stringify(changes, (_, value: unknown) => (value === undefined ? null : value));
    try {
      return await this.write<T>(kind, id, "update_record", kind.noun, id, given);
    } catch (error) {
      if (!isRefusal(error) || error.constraint !== "absent") throw error;
      throw new Fault(`Changing ${kind.noun} ${id}`, { says: "it isn't in the catalogue", cause: error });
    }
  }

  private async delete<T extends Stored>(kind: Kind<T>, id: string): Promise<void> {
    await this.write(kind, id, "delete_record", kind.noun, id);
  }

  private async write<T>(kind: Kind<never>, id: string, name: string, ...args: unknown[]): Promise<T> {
    this.places.clear();
    const answer = await this.session.call<T>(name, ...args);
    this.session.proof = { text: PROOF, parameters: [this.session.xid, kind.noun, id] };
    return answer;
  }

  private async creatorOf({ status }: Partial<Stored>): Promise<number | null> {
    if (status !== "creating") return null;
    return (this.creator ??= await this.creators.own(this.session));
  }
}

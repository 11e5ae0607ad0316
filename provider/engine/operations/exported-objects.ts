import { unlink } from "node:fs/promises";
import type { Watch } from "../disks/disk-store";
import type { Destination } from "../exports/destination";
import { isSame } from "../exports/destination";
import { nameAt, parseLocation } from "../exports/location";
import type { Location } from "../exports/location";
import { objectName } from "../exports/object-names";
import { openDestination } from "../exports/open-destination";
import { killPoint } from "../kill-points";
import * as say from "../messages";
import { describe } from "../messages";
import type { DeviceMapping, ExportedObject, ExportRecord, ObjectDrift } from "../model";
import type { RemoveOptions, Report } from "../engine";
import { holderRule, ownerRule } from "../rules/deletion";
import { Fault, ViolationError } from "../violation";
import type { Run } from "./run";
import type { Work } from "./time-limit";

/** The objects of exports: written, looked at, restored and removed where they are. */
export class ExportedObjects {
  constructor(private readonly run: Run) {}

  /** Writes each of the disks; what it wrote goes again where it fails half-way. */
  async write(
    record: ExportRecord,
    devices: readonly DeviceMapping[],
    { report, signal }: Work,
  ): Promise<ExportedObject[]> {
    return this.at(record, async (destination, location) => {
      const objects: ExportedObject[] = [];
      const written: ExportedObject[] = [];
      const total = devices.reduce((sum, { size }) => sum + size, 0);
      let before = 0;
      const nameOf = (mapping: DeviceMapping) =>
        nameAt(location, objectName(record.name, mapping, record.fileFormat));
      const [first] = devices;
      if (first) await destination.probe(nameOf(first), { signal });
      try {
        for (const mapping of devices) {
          const share = (fraction: number) => (before + fraction * mapping.size) / total;
          const name = nameOf(mapping);
          const part: Report = (doing, fraction) => report(doing, share(fraction));
          const done = await this.writeOne(destination, mapping, name, record, { report: part, signal });
          objects.push(done.object);
          if (done.isNew) written.push(done.object);
          killPoint("content-named");
          before += mapping.size;
        }
        return objects;
      } catch (error) {
        const left = await removeAll(destination, written);
        if (left.length === 0) throw error;
        throw new Fault(`Exporting to ${destination.described}`, {
          cause: error,
          left: `Left there is ${left.join(", ")}`,
        });
      }
    });
  }

  /** The record with what is there now, and how that differs from what was recorded. */
  async look(record: ExportRecord): Promise<ExportRecord> {
    if (record.objects.length === 0) return record;
    return this.at(record, async (destination) => {
      const objects: ExportedObject[] = [];
      const drift: ObjectDrift[] = [];
      for (const recorded of record.objects) {
        const found = await destination.stat(recorded.name, recorded.sizeBytes);
        const { device, name } = recorded;
        if (!found) drift.push({ device, name, found: "gone" });
        else if (isSame(found, recorded)) objects.push(recorded);
        else drift.push({ device, name, found: "changed", ...found });
      }
      return { ...record, objects, drift };
    });
  }

  /** Writes again what is gone, from the image; what others have changed stays as it is. */
  async restore(record: ExportRecord, work: Work): Promise<ExportRecord> {
    const looked = await this.look(record);
    const gone = (looked.drift ?? []).filter(({ found }) => found === "gone");
    if (gone.length === 0) return looked;
    const image = await (await this.run.plan()).read("image", record.imageId);
    if (!image) {
      const names = gone.map(({ name }) => name);
      throw new ViolationError([say.exportedImageGone(describe("export", record), record.imageId, names)]);
    }
    const devices = image.deviceMappings.filter((mapping) =>
      gone.some(({ device }) => device === mapping.device),
    );
    const written = await this.write(record, devices, work);
    const objects = record.objects.map((old) => written.find(({ name }) => name === old.name) ?? old);
    const restored = await this.run.catalog.transaction((tx) => tx.update("export", record.id, { objects }));
    (await this.run.plan()).changed("export", restored);
    return this.look(restored);
  }

  /** Removes exactly the recorded objects, as long as they are what was recorded, and first makes sure of all of them. */
  async remove(id: string, { account, creationToken }: RemoveOptions): Promise<void> {
    const { catalog } = this.run;
    const found = await catalog.transaction(async (tx) => {
      const record = await tx.get("export", id);
      return record && { record, others: await tx.exportsTo(record.bucketUrl) };
    });
    if (!found) return;
    const { record, others } = found;
    const violations = ownerRule("export", record, account, "delete");
    if (violations.length > 0) throw new ViolationError(violations);
    if (creationToken !== undefined && holderRule("export", record, creationToken).length > 0) return;
    // A replacement may have taken them over.
    const shared = new Set(
      others.filter((other) => other.id !== id).flatMap(({ objects }) => objects.map(({ name }) => name)),
    );
    const own = record.objects.filter(({ name }) => !shared.has(name));
    await this.at(record, async (destination) => {
      const changed: ExportedObject[] = [];
      for (const object of own) {
        const there = await destination.stat(object.name, object.sizeBytes);
        if (there && !isSame(there, object)) changed.push(object);
      }
      if (changed.length > 0) {
        const what = describe("export", record);
        throw new ViolationError([say.objectsChanged(what, destination.described, changed)]);
      }
      for (const object of own) await destination.remove(object.name, object);
    });
  }

  private async writeOne(
    destination: Destination,
    mapping: DeviceMapping,
    name: string,
    { fileFormat: format }: ExportRecord,
    { report, signal }: Work,
  ): Promise<{ object: ExportedObject; isNew: boolean }> {
    const path = await this.run.workFile();
    const half = (doing: string, start: number): Watch => ({
      progress: (done, total) => report(doing, start + (total > 0 ? done / total / 2 : 0.5)),
      signal,
    });
    try {
      const disk = { path, format, name };
      const facts = await this.run.disks.exportFile(mapping.id, disk, half(`making ${name}`, 0));
      killPoint("content-written");
      const file = { path, ...facts };
      const outcome = await destination.put(
        file,
        name,
        half(`writing ${name} to ${destination.described}`, 0.5),
      );
      if (outcome === "taken") throw new ViolationError([say.objectIsThere(name, destination.described)]);
      return { object: { device: mapping.device, name, ...facts }, isNew: outcome === "written" };
    } finally {
      await unlink(path).catch(() => undefined);
    }
  }

  private async at<T>(
    { bucketUrl }: ExportRecord,
    work: (destination: Destination, location: Location) => Promise<T>,
  ): Promise<T> {
    const location = parseLocation(bucketUrl);
    if ("wrong" in location) throw new Fault(`Opening ${bucketUrl}`, { says: location.wrong });
    const destination = openDestination(location);
    try {
      return await work(destination, location);
    } finally {
      await destination.close();
    }
  }
}

/** Names of what couldn't be removed. */
async function removeAll(destination: Destination, objects: readonly ExportedObject[]): Promise<string[]> {
  const left: string[] = [];
  for (const object of objects) {
    await destination.remove(object.name, object).catch(() => left.push(object.name));
  }
  return left;
}

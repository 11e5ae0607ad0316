import { spawnSync } from "node:child_process";
import { access, mkdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import type { DiskStore } from "../../../../provider/engine/disks/disk-store";
import { thisProcess } from "../../../../provider/engine/catalog/process-mark";
import { FolderDiskStore } from "../../../../provider/engine/disks/folder-disk-store";
import { temporaryPath } from "../../../../provider/engine/disks/temporary-file";
import { openRegion } from "../../../../provider/engine/open-region";
import type { ImageEngine } from "../../../../provider/engine/engine";
import { itEmbedded, newRegion } from "../../../support/regions/region-under-test";
import { TeamRegion } from "../../../support/regions/team-region";
import type { TestRegion } from "../../../support/regions/test-region";
import { endedProcess } from "../catalog/ended-process";
import { newImage, newVolume } from "../catalog/records";

const GIB = 2 ** 30;

describe("the doctor of a region", () => {
  let region: TestRegion;
  let engine: ImageEngine;
  let catalog: Catalog;
  let disks: Pick<DiskStore, "createBlank" | "list">;
  const closes: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    region = await newRegion();
    engine = await openRegion({ endpoint: region.endpoint });
    catalog = await region.openCatalog();
    closes.push(
      () => engine.close(),
      () => catalog.close(),
    );
    if (region instanceof TeamRegion) {
      const opened = region.openDisks();
      closes.push(() => opened.close());
      disks = opened.store;
    } else disks = new FolderDiskStore(region.endpoint);
  });
  afterEach(async () => {
    for (const close of closes.splice(0)) await close();
    await region.remove();
  });
  /** Of an embedded region. */
  const folder = () => region.endpoint;

  const found = async () =>
    (await engine.doctor.examine()).map(({ ailment, id }) => `${ailment} ${id}`).sort();
  const fix = async () => {
    const findings = await engine.doctor.examine();
    return engine.doctor.remove(findings.filter(({ removal }) => removal !== "none"));
  };
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  const volume = async (id: string): Promise<void> => {
    await catalog.transaction((tx) => tx.insert("volume", newVolume(id)));
    await disks.createBlank(`disk-of-${id}`, GIB);
  };
  /** The record and content of a creation whose process has died. */
  const deadCreation = async (id: string): Promise<void> => {
    const dead = await region.openCatalog(endedProcess());
    closes.push(() => dead.close());
    await dead.transaction((tx) => tx.insert("image", newImage(id, { status: "creating" })));
    await disks.createBlank(`disk-of-${id}`, GIB);
  };

  itEmbedded("finds nothing in a region that was never written, and makes nothing there", async () => {
    const untouched = join(folder(), "none");
    const other = await openRegion({ endpoint: untouched });
    expect(await other.doctor.examine()).to.deep.equal([]);
    await other.close();
    expect(await exists(untouched)).to.equal(false);
  });

  it("finds nothing wrong with what stands", async () => {
    await volume("vol-1");
    expect(await found()).to.deep.equal([]);
  });

  it("finds and removes discarded contents, and dead creations with theirs", async () => {
    await volume("vol-1");
    await volume("vol-2");
    await deadCreation("img-dead");
    await catalog.transaction(async (tx) => {
      await tx.delete("volume", "vol-2");
      await tx.discardDisks(["disk-of-vol-2"]);
    });
    expect(await found()).to.deep.equal(["deadCreation img-dead", "discardedContent disk-of-vol-2"]);
    expect(await fix()).to.deep.equal([]);
    expect(await found()).to.deep.equal([]);
    expect(await disks.list()).to.deep.equal(["disk-of-vol-1"]);
    expect(await region.leftOver()).to.deep.equal([]);
  });

  // In a team's bucket nothing is a content that no record has named: open-team-region.test.ts has its strays.
  itEmbedded(
    "finds and removes contents without records, discarded ones, dead creations and their temporary files",
    async () => {
      await volume("vol-1");
      await volume("vol-2");
      await disks.createBlank("orphan", GIB);
      await deadCreation("img-dead");
      await catalog.transaction(async (tx) => {
        await tx.delete("volume", "vol-2");
        await tx.discardDisks(["disk-of-vol-2"]);
      });
      const { pid } = spawnSync(process.execPath, ["-e", ""]);
      const name = temporaryPath(join(folder(), "disks")).replace(/\.\d+-\d*-/, `.${pid}-1-`);
      const work = join(folder(), "exporting", name.split("/").at(-1)!);
      await writeFile(name, "half");
      await mkdir(join(folder(), "exporting"));
      await writeFile(work, "half");
      expect(await found()).to.deep.equal(
        [
          "deadCreation img-dead",
          "discardedContent disk-of-vol-2",
          "orphanContent orphan",
          `temporaryFile ${name}`,
          `temporaryFile ${work}`,
        ].sort(),
      );
      expect(await exists(name)).to.equal(true);
      expect(await fix()).to.deep.equal([]);
      expect(await found()).to.deep.equal([]);
      expect(await disks.list()).to.deep.equal(["disk-of-vol-1"]);
      expect([await exists(name), await exists(work)]).to.deep.equal([false, false]);
      const { images, volumes } = await catalog.snapshot();
      expect(images.filter(({ visibility }) => visibility === "private")).to.deep.equal([]);
      expect(volumes.map(({ id }) => id)).to.deep.equal(["vol-1"]);
    },
  );

  itEmbedded("leaves alone the files of what a live process is making", async () => {
    expect(thisProcess().pid).to.equal(process.pid);
    await catalog.transaction((tx) => tx.insert("image", newImage("img-1", { status: "creating" })));
    const writing = temporaryPath(join(folder(), "disks"));
    await mkdir(join(folder(), "disks"));
    await writeFile(writing, "half");
    expect(await found()).to.deep.equal([]);
    await disks.createBlank("disk-of-img-1", GIB);
    expect(await found()).to.deep.equal([]);
    expect(await exists(writing)).to.equal(true);
  });

  itEmbedded("doesn't remove a content that a record has come to name since it was found", async () => {
    await disks.createBlank("disk-of-vol-1", GIB);
    const findings = await engine.doctor.examine();
    expect(findings.map(({ ailment }) => ailment)).to.deep.equal(["orphanContent"]);
    await catalog.transaction((tx) => tx.insert("volume", newVolume("vol-1")));
    const left = await engine.doctor.remove(findings);
    expect(left.map(({ why }) => why).join()).to.include("names disk disk-of-vol-1 by now");
    expect(await disks.list()).to.deep.equal(["disk-of-vol-1"]);
  });

  itEmbedded("tells which record's content is missing, and removes nothing for it", async () => {
    await volume("vol-1");
    await unlink(join(folder(), "disks", "disk-of-vol-1.raw"));
    const [finding] = await engine.doctor.examine();
    expect(finding).to.deep.include({ ailment: "missingContent", id: "vol-1", removal: "none" });
    expect(finding!.contents).to.deep.equal(["disk-of-vol-1"]);
    expect(await fix()).to.deep.equal([]);
    expect(await found()).to.deep.equal(["missingContent vol-1"]);
  });

  it("removes a cut-off creation only where that is asked for, with every rule of deletion", async () => {
    const origin = (creationToken: string) => ({ declaredBy: "urn:x::golden", creationToken, seen: false });
    for (const id of ["img-1", "img-2"]) {
      await catalog.transaction((tx) => tx.insert("image", newImage(id, { origin: origin(id) })));
      await disks.createBlank(`disk-of-${id}`, GIB);
    }
    const [finding] = await engine.doctor.examine();
    expect(finding).to.deep.include({ ailment: "cutOffCreation", id: "img-1", removal: "asked" });
    expect(await engine.doctor.remove([finding!])).to.deep.equal([]);
    expect(await found()).to.deep.equal([]);
    expect(await disks.list()).to.deep.equal(["disk-of-img-2"]);
  });
});

import { expect } from "chai";
import { blankChecksum } from "../../../../../provider/engine/disks/blank-checksum";
import { BucketDiskStore } from "../../../../../provider/engine/disks/bucket-disk-store";
import { MemoryContentIndex } from "../../../../../provider/engine/disks/bucket/memory-content-index";
import { MemoryKeyService } from "../../../../../provider/engine/keys/memory-key-service";
import { GIB, MIB } from "../disk-fixtures";

const ACME = { region: "north-1", account: "acme" };
const OTHER = { region: "north-1", account: "other" };

class CatalogsIndex extends MemoryContentIndex {
  readonly isCatalogs = true;
}

describe("Copies that the catalogue writes down", () => {
  const ownerOf = (id: string) => ({ ...ACME, account: id.split("-")[0]! });
  let index: MemoryContentIndex;
  let store: BucketDiskStore;
  beforeEach(async () => {
    index = new CatalogsIndex(ownerOf);
    store = storeOn(index);
    await whole("acme-1", { locked: false });
    await whole("acme-locked", { locked: true });
  });

  function storeOn(index: MemoryContentIndex): BucketDiskStore {
    const external = (id: string) =>
      id === "public:zeros"
        ? { virtualBytes: GIB }
        : id === "public:file"
          ? { path: "/a", virtualBytes: GIB }
          : undefined;
    return new BucketDiskStore(index, new MemoryKeyService(), { bucket: "none", prefix: "", external });
  }

  /** No bucket is asked for any of it. */
  async function whole(id: string, { locked }: { locked: boolean }): Promise<void> {
    const object = { objectId: Buffer.from(id.padEnd(16)).toString("hex"), wrappedKey: "a.b.c", locked };
    await index.begin(id, object);
    const sealed = { ...object, storedBytes: 700, digest: "d" };
    const checksum = locked ? undefined : "sha256:1";
    await index.finish(id, { virtualBytes: 3 * MIB, sizeBytes: 700, object: sealed, checksum });
  }

  const objectId = Buffer.from("acme-1".padEnd(16)).toString("hex");
  const copy = { id: "acme-9", owner: ACME, from: "acme-1" };

  it("are foreseen of a whole content of the same account, with what is known of it", async () => {
    const told = { id: "acme-9", from: "acme-1", objectId };
    expect(await store.foresee({ ...copy, checksum: true })).to.deep.equal({
      ...{ ...told, virtualBytes: 3 * MIB, sizeBytes: 700, checksum: "sha256:1" },
    });
    expect(await store.foresee({ ...copy, virtualBytes: GIB, overlay: true })).to.deep.equal({
      ...{ ...told, virtualBytes: GIB, sizeBytes: 0 },
    });
  });

  it("are foreseen of zeros: of a new disk, of an offered one that no file is registered for, of a blank one", async () => {
    const checksum = await blankChecksum(2 * GIB);
    const zeros = { id: "acme-9", virtualBytes: 2 * GIB, sizeBytes: 0, checksum };
    const request = { id: "acme-9", owner: ACME, virtualBytes: 2 * GIB, checksum: true };
    expect(await store.foresee(request)).to.deep.equal(zeros);
    expect(await store.foresee({ ...request, from: "public:zeros" })).to.deep.equal(zeros);
    await index.finish("acme-2", { virtualBytes: GIB, sizeBytes: 0 });
    const blank = { ...zeros, from: "acme-2", objectId: null };
    expect(await store.foresee({ ...request, from: "acme-2" })).to.deep.equal(blank);
  });

  for (const [what, request] of [
    ["is sealed with the key of its record", { ...copy, from: "acme-locked" }],
    ["is another account's", { ...copy, owner: OTHER }],
    ["isn't there", { ...copy, from: "acme-8" }],
    ["stands in a file of the operator's", { ...copy, from: "public:file" }],
    ["would have to be read for its checksum", { ...copy, virtualBytes: GIB, checksum: true }],
  ] as const) {
    it(`aren't foreseen where what is copied ${what}`, async () => {
      expect(await store.foresee(request)).to.equal(undefined);
    });
  }

  it("aren't foreseen where the catalogue doesn't keep the index of contents", async () => {
    const other = storeOn(new MemoryContentIndex(ownerOf));
    expect(await other.foresee({ id: "acme-9", owner: ACME, virtualBytes: GIB })).to.equal(undefined);
  });
});

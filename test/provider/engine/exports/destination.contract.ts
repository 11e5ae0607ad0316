import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Destination, ObjectFacts } from "../../../../provider/engine/exports/destination";

export interface DestinationUnderTest {
  destination: Destination;
  /** What stands under the name, as anyone else reads it. */
  read(name: string): Promise<Buffer | undefined>;
  /** Puts it there as anyone else would. */
  write(name: string, bytes: Buffer): Promise<void>;
  /** Names of all that stands there, what isn't finished included. */
  list(): Promise<string[]>;
  cleanUp(): Promise<void>;
}

export function factsOf(bytes: Buffer): ObjectFacts {
  return { sizeBytes: bytes.length, checksum: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

/** What every destination promises, wherever it is. `name`: such as it takes, with its prefix. */
export function destinationContract(
  title: string,
  name: string,
  open: () => Promise<DestinationUnderTest>,
): void {
  describe(`${title} keeps the contract of a destination`, () => {
    let subject: DestinationUnderTest;
    let destination: Destination;
    let local: string;
    beforeEach(async () => {
      subject = await open();
      destination = subject.destination;
      local = await mkdtemp(join(tmpdir(), "images-local-"));
    });
    afterEach(async () => {
      await destination.close();
      await subject.cleanUp();
      await rm(local, { recursive: true });
    });

    async function file(bytes: Buffer) {
      const path = join(local, randomBytes(4).toString("hex"));
      await writeFile(path, bytes);
      return { path, ...factsOf(bytes) };
    }

    it("is probed without a trace", async () => {
      await destination.probe(name);
      expect(await subject.read(name)).to.equal(undefined);
    });

    it("puts a file whole, with its size and checksum, and says how far it is", async () => {
      const bytes = randomBytes(300_000);
      const told: number[] = [];
      const put = await destination.put(await file(bytes), name, {
        progress: (done, total) => told.push(done / total),
      });
      expect(put).to.equal("written");
      expect((await subject.read(name))?.equals(bytes)).to.equal(true);
      expect(await destination.stat(name)).to.deep.equal(factsOf(bytes));
      expect(told.at(-1)).to.equal(1);
      expect(await subject.list()).to.deep.equal([name]);
    });

    it("puts a file of many parts, with long runs of zeros", async () => {
      const bytes = Buffer.concat([randomBytes(2 ** 20), Buffer.alloc(40 * 2 ** 20), randomBytes(12_345)]);
      expect(await destination.put(await file(bytes), name)).to.equal("written");
      expect((await subject.read(name))?.equals(bytes)).to.equal(true);
      expect(await destination.stat(name)).to.deep.equal(factsOf(bytes));
    });

    it("puts an empty file", async () => {
      expect(await destination.put(await file(Buffer.alloc(0)), name)).to.equal("written");
      expect(await destination.stat(name)).to.deep.equal(factsOf(Buffer.alloc(0)));
    });

    it("knows nothing under a name that nothing stands under", async () => {
      expect(await destination.stat(name)).to.equal(undefined);
    });

    it("takes over the very same bytes, whoever put them there", async () => {
      const bytes = randomBytes(1000);
      await destination.put(await file(bytes), name);
      expect(await destination.put(await file(bytes), name)).to.equal("present");
      await subject.write(`${name}2`, bytes);
      expect(await destination.put(await file(bytes), `${name}2`)).to.equal("present");
    });

    it("never overwrites other bytes, of the same size or another", async () => {
      const bytes = randomBytes(1000);
      for (const other of [randomBytes(1000), randomBytes(10)]) {
        await subject.write(name, other);
        expect(await destination.put(await file(bytes), name)).to.equal("taken");
        expect((await subject.read(name))?.equals(other)).to.equal(true);
      }
    });

    it("lets one of several that put under one name at once have it", async () => {
      const files = await Promise.all([1, 2, 3, 4].map(() => file(randomBytes(100_000))));
      const outcomes = await Promise.all(files.map((each) => destination.put(each, name)));
      expect([...outcomes].sort()).to.deep.equal(["taken", "taken", "taken", "written"]);
      const winner = files[outcomes.indexOf("written")]!;
      expect(await destination.stat(name)).to.deep.equal({
        sizeBytes: winner.sizeBytes,
        checksum: winner.checksum,
      });
    });

    it("tells what others have put there", async () => {
      const bytes = randomBytes(1000);
      await destination.put(await file(bytes), name);
      const same = randomBytes(1000);
      await subject.write(name, same);
      expect(await destination.stat(name, 1000)).to.deep.equal(factsOf(same));
      await subject.write(name, randomBytes(7));
      expect(await destination.stat(name, 1000)).to.include({ sizeBytes: 7 });
    });

    it("removes an object only while it has its bytes", async () => {
      const bytes = randomBytes(1000);
      await destination.put(await file(bytes), name);
      expect(await destination.remove(name, factsOf(randomBytes(1000)))).to.equal("changed");
      expect(await destination.remove(name, factsOf(bytes))).to.equal("removed");
      expect(await subject.read(name)).to.equal(undefined);
      expect(await destination.remove(name, factsOf(bytes))).to.equal("gone");
    });
  });
}

import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { FolderKeyService } from "../../../provider/engine/keys/folder-key-service";
import type { Sealing } from "../../../provider/engine/model";
import { openRegion } from "../../../provider/engine/open-region";
import type { ImageEngine, Operations } from "../../../provider/engine/engine";
import { itEmbedded, newRegion } from "../../support/regions/region-under-test";
import type { TestRegion } from "../../support/regions/test-region";
import { describeWith, tool } from "../../support/tools";
import { byId, reasons, refusal, TestRun, up } from "./world";

const MIB = 2 ** 20;
const PLAIN = "what only the owner of the keys may read";

/** A file of some MiB that isn't compressible, with the plain text here and there. */
function diskBytes(): Buffer {
  const bytes = randomBytes(4 * MIB);
  for (const at of [0, 65_536, 3 * MIB + 11]) bytes.write(PLAIN, at);
  return bytes;
}

/** In all forms that a key could be written in. */
function formsOf(secret: Buffer): Buffer[] {
  const hex = secret.toString("hex");
  const texts = [
    hex,
    hex.toUpperCase(),
    secret.toString("base64url"),
    secret.toString("base64").replace(/=+$/, ""),
  ];
  return [secret, ...texts.map((text) => Buffer.from(text))];
}

async function filesBelow(folder: string): Promise<string[]> {
  const paths = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  const files = await Promise.all(paths.map(async (path) => (await stat(path)).isFile()));
  return paths.filter((_, index) => files[index]);
}

/** Names of the files below a folder that hold any of these bytes. */
async function holders(folder: string, sought: readonly Buffer[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of await filesBelow(folder)) {
    const bytes = await readFile(file);
    if (sought.some((each) => bytes.includes(each))) found.push(file.slice(folder.length + 1));
  }
  return found;
}

describeWith(["qemu-img"], "a region with encrypted images", () => {
  let root: string;
  let region: TestRegion;
  let folder: string;
  let tools: string;
  let told: string[];
  const opened: ImageEngine[] = [];
  const path = process.env.PATH;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "images-sealed-"));
    region = await newRegion();
    folder = region.endpoint;
    tools = join(root, "tools");
    told = [];
    // In front of qemu-img, to note its arguments and environment.
    await mkdir(tools);
    const real = (await tool("sh", "-c", "command -v qemu-img")).trim();
    const shim = `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } >> '${root}/calls'\nexec '${real}' "$@"\n`;
    await writeFile(join(tools, "qemu-img"), shim);
    await chmod(join(tools, "qemu-img"), 0o755);
    process.env.PATH = `${tools}${delimiter}${path}`;
    await writeFile(join(root, "disk.raw"), diskBytes());
  });
  afterEach(async () => {
    process.env.PATH = path;
    for (const engine of opened.splice(0)) await engine.close();
    await region.remove();
    await rm(root, { recursive: true });
  });

  async function open(): Promise<TestRun> {
    const engine = await openRegion({ endpoint: folder });
    opened.push(engine);
    return new TestRun(engine, {});
  }

  /** What `up` makes; what it tells is kept to be searched. */
  async function make<Request, Facts, Record>(
    operations: Operations<Request, Facts, Record>,
    request: Request,
  ): Promise<Record> {
    const checked = await operations.check(request);
    expect(reasons(checked)).to.equal("");
    const record = await operations.create(request, (doing) => told.push(doing));
    told.push(JSON.stringify([checked.facts, record]));
    return record;
  }

  /** Every master key and every data key of the region, in the plain. */
  async function secrets(records: readonly Sealing[]): Promise<Buffer[]> {
    const keys = new FolderKeyService(join(folder, "keys"));
    const files = (await filesBelow(join(folder, "keys"))).filter((name) => name.endsWith(".secret"));
    const wrapped = records.flatMap(({ wrappedKey }) => wrappedKey ?? []);
    return [
      ...(await Promise.all(files.map((name) => readFile(name)))),
      ...(await Promise.all(wrapped.map((text) => keys.unwrap(text)))),
    ];
  }

  const file = () => ({ imageFile: join(root, "disk.raw"), encrypted: true });

  itEmbedded("has no keys folder for what isn't encrypted, and a preview makes none", async () => {
    const run = await open();
    const plain = { imageFile: join(root, "disk.raw") };
    await up(run.engine.images, run.image("plain", undefined, plain));
    const { violations, facts } = await run.engine.images.check(run.image("sealed", undefined, file()));
    expect(violations).to.deep.equal([]);
    expect(facts).to.have.property("imageType", "system");
    expect(await readdir(folder)).not.to.include("keys");
  });

  // test/programs/encryption.test.ts searches all that a team's region keeps.
  itEmbedded("keeps each key and each sealed content out of all that it writes and tells", async function () {
    // qemu-img computes for seconds over each sealed disk that it makes.
    this.timeout(600_000);
    const asked = await open();
    const { engine } = asked;
    const { images, instances, conversions, replicas, keys } = engine;
    const image = await make(images, asked.image("system", undefined, file()));
    const other = await keys(engine.defaults).create("other");
    await keys(engine.defaults).rotate(image.kmsKeyId!);
    const sealed = [
      image,
      await make(instances, asked.instance("vm", { image: byId(image.id), dataDisks: [{ size: 1 }] })),
      await make(conversions, asked.conversion("cloud", byId(image.id))),
      await make(replicas, asked.replica("again", byId(image.id), { encrypted: true, kmsKeyId: other.id })),
    ];
    for (const record of sealed) expect(record).to.include({ encrypted: true });
    expect(new Set(sealed.map(({ wrappedKey }) => wrappedKey)).size).to.equal(sealed.length);
    const uses = await keys(engine.defaults).list();
    expect(uses.map((use) => use.sealed.length)).to.deep.equal([3, 1]);
    const all = await secrets(sealed);
    expect(all).to.have.length(sealed.length + 3);

    await unlink(join(folder, "disks", `${image.deviceMappings[0]!.id}.qcow2`));
    const lost = asked.replica("lost", byId(image.id), { encrypted: false });
    told.push(await replicas.create(lost).then(() => "", String));
    expect(told.at(-1)).to.contain("failed");
    await keys(engine.defaults).disable(image.kmsKeyId!);
    const late = (await open()).engine.instances;
    told.push(await refusal(up(late, asked.instance("late", { image: byId(image.id) }))));
    expect(told.at(-1)).to.contain(`images keys enable ${image.kmsKeyId}`);
    await writeFile(join(folder, "told"), told.join("\n"));
    await writeFile(join(folder, "calls"), await readFile(join(root, "calls")));

    const sought = all.flatMap(formsOf);
    const found = await holders(folder, sought);
    // That the search finds what is there: master keys stand in their own files and nowhere else.
    expect(found.filter((name) => !/^keys\/key-\w+\.\d+\.secret$/.test(name))).to.deep.equal([]);
    expect(found).to.have.length(3);
    expect(await readFile(join(folder, "calls"), "utf8")).to.contain("secret,id=");
    expect(await holders(folder, [Buffer.from(PLAIN)])).to.deep.equal([]);
  });

  it("reads back through every copy what was put in, and from a replica that isn't sealed", async () => {
    const run = await open();
    const { engine } = run;
    const image = await make(engine.images, run.image("system", undefined, file()));
    const again = await make(engine.replicas, run.replica("again", byId(image.id)));
    const plain = await make(engine.replicas, run.replica("plain", byId(again.id), { encrypted: false }));
    expect(plain).to.not.have.any.keys("wrappedKey", "kmsKeyId");
    const bytes = await readFile(join(root, "disk.raw"));
    const { id } = plain.deviceMappings[0]!;
    await region.withContent(id, undefined, async (disk) => {
      const content = await readFile(disk);
      expect(content.subarray(0, bytes.length).equals(bytes)).to.equal(true);
      expect(`sha256:${createHash("sha256").update(content).digest("hex")}`).to.equal(plain.checksum);
    });
  });
});

import { access, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { openRegion } from "../../../provider/engine/open-region";
import type { ImageEngine } from "../../../provider/engine/engine";
import type { Declaration } from "../../../provider/engine/requests";
import { ViolationError } from "../../../provider/engine/violation";

describe("openRegion", () => {
  let folder: string;
  const opened: ImageEngine[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-endpoint-"));
  });
  afterEach(async () => {
    for (const engine of opened.splice(0)) await engine.close();
    await rm(folder, { recursive: true });
  });

  async function open(options: Parameters<typeof openRegion>[0]): Promise<ImageEngine> {
    const engine = await openRegion(options);
    opened.push(engine);
    return engine;
  }

  function declared(name: string): Declaration {
    return { declaredBy: `urn:${name}`, creationToken: `token-${name}`, region: "local", account: "default" };
  }

  const instance = (name: string, imageId: string) => ({
    declaration: declared(name),
    name,
    image: { id: imageId },
    systemDisk: { type: "localDisk" as const },
  });

  it("leaves no trace of a preview where nothing exists yet", async () => {
    const endpoint = join(folder, "region");
    const engine = await open({ endpoint });
    const { violations } = await engine.instances.check(instance("web", "img-pub-ubuntu-16-04"));
    expect(violations).to.deep.equal([]);
    expect(await engine.lookups.images({})).to.have.length(14);
    await engine.close();
    const exists = await access(endpoint).then(
      () => true,
      () => false,
    );
    expect(exists).to.equal(false);
  });

  it("keeps what one process made for the next, at a path or a file: URL", async () => {
    const first = await open({ endpoint: pathToFileURL(join(folder, "region")).href });
    const made = await first.instances.create(instance("web", "img-pub-ubuntu-16-04"));
    await first.close();
    const second = await open({ endpoint: join(folder, "region") });
    expect(await second.instances.read(made.id)).to.deep.include({ id: made.id, name: "web" });
    expect(await readdir(join(folder, "region", "disks"))).to.deep.equal([`${made.systemDisk.id}.raw`]);
  });

  it("makes instances from the disk file that the operator registers", async () => {
    await writeFile(join(folder, "disk.raw"), Buffer.alloc(4096, 7));
    await writeFile(
      join(folder, "region.yaml"),
      "publicImages:\n  - { name: Small, minDisk: 1, diskFile: disk.raw }\n",
    );
    const engine = await open({ endpoint: folder });
    const { image } = await engine.lookups.image({ name: "Small" });
    expect(image.standIn).to.equal(false);
    const made = await engine.instances.create(instance("web", image.id));
    expect(await readdir(join(folder, "disks"))).to.deep.equal([`${made.systemDisk.id}.raw`]);
  });

  for (const [endpoint, words] of [
    [
      "mysql://me:secret@db.example/images?key=secret",
      /^endpoint: The endpoint mysql:\/\/db\.example\/images is neither a folder nor a PostgreSQL database\./,
    ],
    [
      "postgres://me:secret@db.example/images?key=secret",
      /^endpoint: The endpoint must be the URL of a region's database\. It has the parameter key/,
    ],
  ] as const) {
    it(`refuses the endpoint ${endpoint}, without repeating its password`, async () => {
      const error = await openRegion({ endpoint }).catch((e: unknown) => e);
      expect(ViolationError.is(error)).to.equal(true);
      expect((error as Error).message).to.match(words);
      expect((error as Error).message).not.to.contain("secret");
    });
  }

  it("refuses a region file that is wrong", async () => {
    await writeFile(join(folder, "region.yaml"), "account: [a]\n");
    const error = await openRegion({ endpoint: folder }).catch((e: unknown) => e);
    expect(ViolationError.is(error) && error.message).to.match(
      /region\.yaml:1: there is no key "account" here/,
    );
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { withAssetHashes } from "../../../deployer/wire/assets";
import { ASSET, SIGNATURE } from "../../../deployer/wire/property-value";

const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const asset = (source: Record<string, string>): Record<string, string> => ({ [SIGNATURE]: ASSET, ...source });

describe("assets", () => {
  let dir: string;
  beforeEach(async () => (dir = await mkdtemp(path.join(tmpdir(), "assets-"))));
  afterEach(() => rm(dir, { recursive: true }));

  it("get the hash of their text", () => {
    const { a } = withAssetHashes({ a: [asset({ text: "hello" })] }, dir);
    expect(a).to.deep.equal([asset({ text: "hello", hash: HELLO })]);
  });

  it("get the hash of their file, found from the program's folder", async () => {
    await writeFile(path.join(dir, "x.txt"), "hello");
    expect(withAssetHashes({ a: asset({ path: "x.txt" }) }, dir)).to.deep.equal({
      a: asset({ path: "x.txt", hash: HELLO }),
    });
  });

  it("whose file isn't there are refused, with its name", () => {
    expect(() => withAssetHashes({ a: asset({ path: "x.txt" }) }, dir)).to.throw(path.join(dir, "x.txt"));
  });

  it("from a URL are refused", () => {
    expect(() => withAssetHashes({ a: asset({ uri: "https://x" }) }, dir)).to.throw(
      "from a URL aren't supported",
    );
  });
});

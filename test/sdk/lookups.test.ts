import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { getImage, getImageOutput, getImages, getImagesCsv, getQuotas } from "../../sdk";
import { Stack } from "../provider/lifecycle/stack";
import { recordDeclarations } from "./mocks";

describe("a lookup", () => {
  let folder: string;
  beforeEach(() => {
    recordDeclarations();
    folder = mkdtempSync(join(tmpdir(), "images-lookups-"));
    pulumi.runtime.setAllConfig({ "images:endpoint": folder });
  });
  afterEach(() => {
    pulumi.runtime.setAllConfig({});
    rmSync(folder, { recursive: true });
  });

  it("finds a public image, which serves both architectures", async () => {
    const image = await getImage({ nameRegex: "^Ubuntu 16" });
    expect(image).to.deep.include({
      id: "img-pub-ubuntu-16-04",
      visibility: "public",
      architectures: ["localDisk", "cloudDisk"],
      minDisk: 20,
    });
  });

  it("shows quotas and what is used of them", async () => {
    expect(await getQuotas()).to.deep.include({
      account: "default",
      privateImages: { used: 0, limit: 5 },
      acceptedShares: { used: 0, limit: 5 },
    });
  });

  it("lists images as CSV", async () => {
    const lines = (await getImagesCsv({ nameRegex: "^Ubuntu" })).split("\r\n");
    expect(lines[0]).to.match(/^id,name,description,region,/);
    expect(lines.slice(1).map((line) => line.split(",")[0])).to.deep.equal([
      "img-pub-ubuntu-14-04",
      "img-pub-ubuntu-16-04",
      "",
    ]);
  });

  it("waits for arguments that become known later", async () => {
    const name = pulumi.output(Promise.resolve("Ubuntu 14.04 64-bit"));
    const id = await new Promise((resolve) => getImageOutput({ name }).id.apply(resolve));
    expect(id).to.equal("img-pub-ubuntu-14-04");
  });

  it("sees what the run has made since an earlier lookup", async () => {
    const stack = await Stack.create();
    try {
      pulumi.runtime.setAllConfig({ "images:endpoint": stack.endpoint });
      expect(await getImages({ visibility: "private" })).to.deep.equal([]);
      await stack.up("Instance", "builder", {
        imageId: "img-pub-ubuntu-16-04",
        systemDisk: { type: "localDisk" },
      });
      await stack.up("PrivateImage", "golden", { instanceId: stack.state("builder").id });
      const found = await getImages({ visibility: "private" });
      expect(found.map(({ name, architecture }) => [name, architecture])).to.deep.equal([
        ["golden", "localDisk"],
      ]);
    } finally {
      await stack.destroy();
    }
  });

  const failing: [string, () => Promise<unknown>, RegExp][] = [
    ["nothing matches", () => getImage({ name: "Ubuntu 16.04" }), /No image matches.*Ubuntu 16\.04 64-bit/],
    ["several match", () => getImage({ nameRegex: "CentOS" }), /mostRecent/],
    [
      "an argument is misspelled",
      () => getImage({ nmae: "x" } as object),
      /nmae: The lookup has no argument nmae\. Did you mean name\?/,
    ],
    ["the images to list are of no account", () => getImagesCsv({ account: "nobody" }), /account: .*nobody/],
    ["the account isn't there", () => getQuotas({ account: "nobody" }), /account: .*nobody/],
  ];
  for (const [title, look, message] of failing) {
    it(`ends the program with a message and no stack trace where ${title}`, async () => {
      const error = await look().then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(pulumi.RunError.isInstance(error)).to.equal(true);
      expect(error!.message).to.match(message);
    });
  }

  it("that fails for what others fail for too is told once, with them", async () => {
    pulumi.runtime.setAllConfig({ "images:region": "mars" });
    const told = await Promise.allSettled([getImages(), getQuotas(), getImage({ name: "x" })]);
    const reasons = new Set(told.map((each) => each.status === "rejected" && (each.reason as unknown)));
    expect([...reasons]).to.have.length(1);
    expect(String([...reasons][0])).to.contain("images:region: There is no region mars");
  });
});

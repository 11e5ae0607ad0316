import { expect } from "chai";
import type { Properties } from "../../../provider/lifecycle/lifecycle";
import { Stack } from "./stack";

const REGION = "region: local\naccounts:\n  - name: default\n  - name: team\n";
const ELSEWHERE = "urn:pulumi:other::project::pulumi-nodejs:dynamic/images:ImageShare::theirs";
const CENTOS = "img-pub-centos-7-4";

describe("a change that replaces an image shared by another stack", () => {
  let stack: Stack;
  afterEach(() => stack.destroy());

  /** The change, of an image whose state has `settings`. */
  async function changeOf(settings: Properties): Promise<Properties> {
    stack = await Stack.create(REGION);
    const vm = { imageId: CENTOS, systemDisk: { type: "localDisk" } };
    for (const name of ["vm", "other"]) await stack.up("Instance", name, vm);
    await stack.up("PrivateImage", "golden", { instanceId: stack.state("vm").id, ...settings });
    const imageId = stack.state("golden").id;
    await stack.up("ImageShare", "theirs", { imageId, memberId: "team", declaredBy: ELSEWHERE });
    return { instanceId: stack.state("other").id };
  }

  it("is refused in the preview as in up, and the image stays", async () => {
    const change = await changeOf({});
    const { preview, up } = await stack.change("PrivateImage", "golden", change);
    expect(preview).to.contain("couldn't be deleted then: it is shared with 1 account by other stacks: team");
    expect(up).to.equal(preview);
    const engine = await stack.engine();
    expect(await engine.images.read(stack.state("golden").id)).to.include({ name: "golden" });
    expect(await engine.shares.read(stack.state("theirs").id)).to.include({ memberId: "team" });
  });

  it("is done where the state says what becomes of the shares, whatever the program says by now", async () => {
    const change = await changeOf({ onDelete: "unshare" });
    const done = await stack.change("PrivateImage", "golden", { ...change, onDelete: "refuse" });
    expect(done).to.deep.equal({ preview: "replace", up: "replace" });
  });

  it("is allowed where the program's options leave the old image standing", async () => {
    const change = await changeOf({ retainOnDelete: true });
    stack.newRun();
    expect((await stack.check("PrivateImage", "golden", change)).violations).to.deep.equal([]);
    expect((await stack.check("PrivateImage", "golden", change, {})).violations).to.deep.equal([]);
  });
});

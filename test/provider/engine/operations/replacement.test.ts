import { expect } from "chai";
import type { ImageRecord, OnDelete } from "../../../../provider/engine/model";
import { byId, golden, reasons, refusal, up } from "../world";
import type { World } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

const ELSEWHERE = "urn:pulumi:prod::project::images:ImageShare::theirs";

/** An image that another stack shares with team-1, in a new run that changes where it is made from. */
async function shared({ declaredBy }: { declaredBy?: string } = {}) {
  const world = await newWorld();
  const before = world.run();
  const { instance } = await golden(before, "other");
  const { instance: vm } = await golden(before, "old");
  const request = before.image("golden", byId(vm.id));
  const image = await up(before.engine.images, request);
  await up(
    before.engine.shares,
    before.share("s", byId(image.id), "team-1", {}, declaredBy ? { declaredBy } : {}),
  );
  const { creationToken: oldToken } = request.declaration;
  const run = world.run();
  /** The two checks of a replacement; the request is the second one's. */
  const replace = async (oldOnDelete?: OnDelete, deleteBeforeReplace = false) => {
    const source = byId(instance.id);
    const standing = run.image("golden", source, {}, { oldToken, oldOnDelete, deleteBeforeReplace });
    const found = reasons(await run.engine.images.check(standing));
    const request = run.image("golden", source, {}, { deleteBeforeReplace });
    return { request, found: found + reasons(await run.engine.images.check(request)) };
  };
  return { world, run, image, replace };
}

describe("the replacement of an image", () => {
  for (const deleteBeforeReplace of [false, true]) {
    const when = deleteBeforeReplace ? "before" : "after";
    it(`is refused while another stack shares what is deleted ${when} it`, async () => {
      const { run, image, replace } = await shared({ declaredBy: ELSEWHERE });
      const { request, found } = await replace("refuse", deleteBeforeReplace);
      const reason = `replaces image golden (${image.id}), which couldn't be deleted then: it is shared with 1 account by other stacks: team-1`;
      expect(found).to.contain(reason);
      expect(await refusal(run.engine.images.create(request))).to.contain(reason);
    });
  }

  it("is allowed where the state settles what becomes of the shares", async () => {
    for (const onDelete of ["unshare", "retain"] as const) {
      const { run, image, replace } = await shared({ declaredBy: ELSEWHERE });
      const { request, found } = await replace(onDelete);
      expect(found).to.equal("");
      await run.engine.images.create(request);
      await run.engine.images.remove(image.id, { onDelete });
    }
  });

  it("is allowed where this stack holds the shares: they are replaced or removed with it", async () => {
    const { replace } = await shared();
    expect((await replace()).found).to.equal("");
  });

  it("is refused at create where another stack has come to share it since the preview", async () => {
    const { world, run, image, replace } = await shared();
    const { request } = await replace();
    const other = world.run();
    await up(other.engine.shares, share(other, image));
    expect(await refusal(run.engine.images.create(request))).to.contain("by other stacks: team-2");
  });
});

function share(run: ReturnType<World["run"]>, { id }: ImageRecord) {
  return run.share("theirs", byId(id), "team-2", {}, { declaredBy: ELSEWHERE });
}

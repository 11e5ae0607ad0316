import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { newImage } from "../../records";
import { describeSchema, Team } from "./team";

const PROCESSES = 8;
const QUOTAS = { privateImages: 5, snapshots: 5 };

describeSchema("PostgreSQL keeps the quotas of an account", () => {
  it("whose 64 clients in 8 processes lie, hang, and die in the midst of transactions", async () => {
    const team = await Team.found(QUOTAS, ["acme", "partner"]);
    const login = await team.login("acme");
    const processes = Array.from({ length: PROCESSES }, (_, n) =>
      spawn(process.execPath, [require.resolve("./liar"), login, `p${n}`], { stdio: "inherit" }),
    );
    const ended = Promise.all(processes.map((each) => once(each, "exit")));
    let working = true;
    void ended.then(() => (working = false));
    const partner = await team.as("partner");
    await partner.query("set lock_timeout = '5s'");
    let most = 0;
    for (let round = 0; working; round++) {
      const [stands] = await team.rows<{ images: number; snapshots: number }>(`
        select (select count(*)::int from images.images where account = 'acme') as images, (
          select count(distinct device ->> 'id')::int
          from images.images, jsonb_array_elements(attributes -> 'deviceMappings') as device
          where account = 'acme' and device ->> 'kind' = 'snapshot') as snapshots`);
      expect(stands!.images).to.be.at.most(QUOTAS.privateImages);
      expect(stands!.snapshots).to.be.at.most(QUOTAS.snapshots);
      most = Math.max(most, stands!.images);
      // Another account isn't held up meanwhile.
      const id = `img-partner-${round}`;
      await partner.call("insert_record", "image", newImage(id, { account: "partner" }), null);
      await partner.call("delete_record", "image", id);
      if (round === 10) processes[0]!.kill("SIGKILL");
      // Silent, with whatever it holds; nobody but its own account waits for it.
      if (round === 20) processes[1]!.kill("SIGSTOP");
      if (round === 40) processes[1]!.kill("SIGKILL");
      await wait(20);
    }
    expect(most).to.equal(QUOTAS.privateImages);
    const places = await team.rows(`
      select private_images, snapshots, (select count(*)::int from images.images where account_id = accounts.id) as images, (
        select count(distinct disk_id)::int from images.disk_references
        where account_id = accounts.id and snapshot = 1) as held
      from images.places join images.accounts on id = account_id where name = 'acme' and region = 'local'`);
    expect(places[0]).to.include({ images: places[0]!.private_images, held: places[0]!.snapshots });
    const acme = await team.as("acme");
    for (const { id } of await acme.query<{ id: string }>("select id from images.images")) {
      await acme.call("delete_record", "image", id);
    }
    for (let n = 1; n <= QUOTAS.privateImages; n++) {
      await acme.call("insert_record", "image", newImage(`img-${n}`, { account: "acme" }), null);
    }
    const rule = await acme.refusedCall(
      "insert_record",
      "image",
      newImage("img-6", { account: "acme" }),
      null,
    );
    expect(rule).to.equal("private-images-full");
  });
});

import { expect } from "chai";
import { ProgramFolder } from "../engine/program-folder";

describe("what a program logs of a resource after another has failed", () => {
  it("is no news to the user, nor is why it couldn't be sent", async () => {
    const program = await ProgramFolder.make();
    try {
      const { events, errors } = await program.up(`
        new Thing("bad", { fail: "no room" });
        const late = new Thing("late", { of: new Promise((resolve) => setTimeout(resolve, 1500, 1)) });
        pulumi.log.warn("about late", late);
        pulumi.log.error("about late", late);
        setTimeout(() => console.error("still heard"), 1800);`);
      const said = events.map((event) => (event.type === "output" ? event.line : "")).filter(Boolean);
      expect(said).to.deep.equal(["still heard"]);
      expect(errors.join()).not.to.include("late");
    } finally {
      await program.remove();
    }
  });
});

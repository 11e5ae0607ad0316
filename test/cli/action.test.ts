import { expect } from "chai";
import { errorText } from "../../cli/action";
import { fileError, UserError } from "../../deployer/user-error";
import { Fault, ViolationError } from "../../provider/engine/violation";

const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

describe("what a user reads of an error", () => {
  const cases: [what: string, error: unknown, text: string][] = [
    ["is its message where it is the user's to settle", new UserError("Do this."), "error: Do this."],
    [
      "is every violation",
      new ViolationError([
        { property: "name", reason: "too long" },
        { property: "", reason: "no source" },
      ]),
      "error: name: too long\nno source",
    ],
    [
      "is what was being done for a fault",
      new Fault("copying", { says: "no" }),
      "error: copying failed: no.",
    ],
    [
      "names the file and what the system says",
      fileError("Writing /x/state", full),
      "error: Writing /x/state failed: no space left on the device.",
    ],
    [
      "says that anything else is a bug, and how to see more",
      new TypeError("x is undefined"),
      "error: this is a bug in images: x is undefined (IMAGES_DEBUG=1 shows where)",
    ],
    [
      "says so of what isn't even an error",
      "thrown",
      "error: this is a bug in images: thrown (IMAGES_DEBUG=1 shows where)",
    ],
  ];
  for (const [what, error, text] of cases) {
    it(what, () => expect(errorText(error, false)).to.equal(text));
  }

  it("has the stack and the causes with IMAGES_DEBUG", () => {
    const text = errorText(fileError("Writing", full), true);
    expect(text)
      .to.match(/^error: Writing failed/)
      .and.match(/\n\s+at /)
      .and.match(/caused by: .*ENOSPC/);
  });
});

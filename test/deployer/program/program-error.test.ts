import { expect } from "chai";
import { programError } from "../../../deployer/program/program-error";

describe("an error that ends a program", () => {
  it("is told without headline, colours and stack, at the program's own line", () => {
    const text = [
      "Running program '/home/p/index.ts' failed with an unhandled exception:",
      "Error: no such disk",
      "of this name",
      "    at new Img (/home/p/node_modules/x/index.js:1:2)",
      "    at Object.<anonymous> \u001b[90m(/home/p/\u001b[39mindex.ts:12:5\u001b[90m)\u001b[39m",
      "\u001b[90m    at Module._compile (node:internal/modules/cjs/loader:1521:14)\u001b[39m",
    ].join("\n");
    expect(programError(text, "/home/p")).to.deep.equal({
      message: "Error: no such disk\nof this name",
      position: "index.ts:12",
    });
  });

  it("is told without the property that waited for it", () => {
    const text = `error serializing property "imageId": error serializing property "name": no such image`;
    expect(programError(text, "/home/p").message).to.equal("no such image");
  });

  it("stays as it is where it has no stack", () => {
    expect(programError("plain words", "/home/p")).to.deep.equal({
      message: "plain words",
      position: undefined,
    });
  });
});

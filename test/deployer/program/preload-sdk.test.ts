import { expect } from "chai";
import { ProgramFolder } from "../engine/program-folder";

/** An expression: whether a file whose path ends so is loaded in the process that evaluates it. */
const isLoaded = (end: string): string =>
  `Object.keys(require.cache).some((file) => file.endsWith(${JSON.stringify(end)}))`;

describe("what is preloaded into the SDK's processes", function () {
  let program: ProgramFolder;
  beforeEach(async () => (program = await ProgramFolder.make()));
  afterEach(() => program.remove());

  it("leaves what few programs need until it is used", async () => {
    const run = await program.up(`
      const loaded = () => ${isLoaded("/automation/stack.js")};
      exports.before = loaded();
      exports.created = typeof pulumi.automation.LocalWorkspace.createStack;
      exports.after = loaded();`);
    expect(run.errors).to.deep.equal([]);
    expect(program.state("test-dev")!.outputs).to.deep.include({
      before: false,
      created: "function",
      after: true,
    });
  });

  it("gives a program the modules that are put off, as it asks for them", async () => {
    const run = await program.up(`
      const importDefault = (module) => (module && module.__esModule ? module : { default: module });
      exports.loaded = importDefault(require("js-yaml")).default.load("a: [1]");
      exports.satisfied = require("semver").satisfies("1.2.3", "^1.0.0");
      const data = { name: "a", version: "1.0.0" };
      require("normalize-package-data")(data);
      exports.normalized = data._id;`);
    expect(run.errors).to.deep.equal([]);
    expect(program.state("test-dev")!.outputs).to.deep.include({
      loaded: { a: [1] },
      satisfied: true,
      normalized: "a@1.0.0",
    });
  });

  it("loads this package's provider into the host of providers before anything is asked of it", async () => {
    await program.up(`
      const __provider = 'exports.handler = () => ({ create: async () => ({ id: "1", outs: { loaded: ' +
        ${JSON.stringify(isLoaded("/dist/provider/index.js"))} + ' } }) })';
      new pulumi.CustomResource("pulumi-nodejs:dynamic/test:Thing", "a", { loaded: undefined, __provider });`);
    expect(program.state("a")!.outputs).to.deep.include({ loaded: true });
  });

  it("has many resources registered in the program's order", async () => {
    const run = await program.preview(`for (let i = 0; i < 100; i++) new Thing("thing-" + i, {});`);
    const registered = run.calls.filter((it) => it.startsWith("check"));
    expect(registered).to.deep.equal(Array.from({ length: 100 }, (_, i) => `check thing-${i}`));
  });

  it("registers nothing here that a program registers with another engine", async () => {
    const run = await program.up(`
      const { ResourceMonitorClient } = require("@pulumi/pulumi/proto/resource_grpc_pb");
      const { RegisterResourceRequest } = require("@pulumi/pulumi/proto/resource_pb");
      const { credentials } = require("@grpc/grpc-js");
      const other = new ResourceMonitorClient("127.0.0.1:1", credentials.createInsecure());
      const request = new RegisterResourceRequest().setType("a:b:C").setName("elsewhere");
      exports.code = new Promise((resolve) =>
        other.registerResource(request, (error) => resolve(error ? error.code : "registered")));`);
    expect(run.errors).to.deep.equal([]);
    expect(program.state("test-dev")!.outputs).to.deep.include({ code: 14 });
    expect(program.state("elsewhere")).to.equal(undefined);
  });
});

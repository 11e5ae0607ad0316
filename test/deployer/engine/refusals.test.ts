import { expect } from "chai";
import { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { Message } from "google-protobuf";
import { startMonitor } from "../../../deployer/engine/monitor";
import type { Monitor, MonitorBackend } from "../../../deployer/engine/monitor";
import {
  gettersOf,
  INVOKE_FIELDS,
  READ_FIELDS,
  REFUSED_CALLS,
  refuseUnsupported,
  REGISTRATION_FIELDS,
  TIMEOUT_FIELDS,
} from "../../../deployer/engine/refusals";
import type { PropertyMap } from "../../../deployer/wire/property-value";
import { SIGNATURE } from "../../../deployer/wire/property-value";
import { loadSdk } from "../../../deployer/wire/sdk";
import { toStruct } from "../../../deployer/wire/struct";
import { matches, tableOf } from "../../support/docs-table";

const sdk = loadSdk(process.cwd());
const { resource, engine, struct } = sdk;

type Registration = InstanceType<typeof resource.RegisterResourceRequest>;
type Method = keyof typeof CALLS;

/** A request of each method, of a resource a or a function f where it is about one. */
const CALLS = {
  registerResource: () =>
    new resource.RegisterResourceRequest().setCustom(true).setType("p:m:T").setName("a"),
  registerResourceOutputs: () =>
    new resource.RegisterResourceOutputsRequest().setUrn("urn:pulumi:dev::test::p:m:C::a"),
  readResource: () => new resource.ReadResourceRequest().setType("p:m:T").setName("a").setId("1"),
  invoke: () => new resource.ResourceInvokeRequest().setTok("p:m:f"),
  call: () => new resource.ResourceCallRequest(),
  registerStackTransform: () => new Callback(),
  registerStackInvokeTransform: () => new Callback(),
  registerResourceHook: () => new resource.RegisterResourceHookRequest(),
  registerErrorHook: () => new resource.RegisterErrorHookRequest(),
  registerPackage: () => new resource.RegisterPackageRequest(),
  requirePulumiVersion: () => new engine.RequirePulumiVersionRequest(),
  startDebugging: () => new engine.StartDebuggingRequest(),
};

const values = (map: PropertyMap) => toStruct(sdk, map);
const archive = { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", path: "." };

const register =
  (change: (request: Registration) => unknown) =>
  (send: Send): Promise<string> =>
    send("registerResource", change);
const call =
  (method: Method) =>
  (send: Send): Promise<string> =>
    send(method, () => {});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each method has a request of its own
type Send = (method: Method, change: (request: any) => unknown) => Promise<string>;

/** By the feature as docs/deployer.md names it: requests that use it. */
const FEATURES: Record<string, ((send: Send) => Promise<string>)[]> = {
  "`import`": [register((it) => it.setImportid("x"))],
  "`transforms`": [register((it) => it.setTransformsList([new Callback()]))],
  "`hooks`": [
    register((it) =>
      it.setHooks(new resource.RegisterResourceRequest.ResourceHooksBinding().setBeforeCreateList(["hook"])),
    ),
  ],
  "`replaceWith`": [register((it) => it.setReplaceWithList(["urn"]))],
  "`replacementTrigger`": [
    register((it) => it.setReplacementTrigger(new struct.Value().setBoolValue(false))),
  ],
  "`pluginDownloadURL`": [
    register((it) => it.setPlugindownloadurl("https://x")),
    (send) => send("readResource", (it) => it.setPlugindownloadurl("https://x")),
    (send) => send("invoke", (it) => it.setPlugindownloadurl("https://x")),
  ],
  "checksums of plugins": [
    register((it) => it.getPluginchecksumsMap().set("linux-amd64", "x")),
    (send) => send("readResource", (it) => it.getPluginchecksumsMap().set("linux-amd64", "x")),
    (send) => send("invoke", (it) => it.getPluginchecksumsMap().set("linux-amd64", "x")),
  ],
  "`hideDiffs`": [register((it) => it.setHidediffsList(["x"]))],
  "`envVarMappings`": [register((it) => it.getEnvvarmappingsMap().set("A", "B"))],
  "`stateMigrations`": [async () => ofNewerSdk("getStateMigrationsList")],
  snippets: [async () => ofNewerSdk("getSnippetid")],
  "`read` of `customTimeouts`": [
    register((it) => {
      const timeouts = new resource.RegisterResourceRequest.CustomTimeouts();
      it.setCustomtimeouts((timeouts as unknown as { setRead(it: string): typeof timeouts }).setRead("5m"));
    }),
  ],
  "a path in `ignoreChanges`, `replaceOnChanges`": [
    register((it) => it.setIgnorechangesList(["a.b"])),
    register((it) => it.setReplaceonchangesList(["a[0]"])),
    register((it) => it.setIgnorechangesList(["*"])),
  ],
  "remote components": [register((it) => it.setRemote(true))],
  "parameterised packages": [
    register((it) => it.setPackageref("x")),
    (send) => send("readResource", (it) => it.setPackageref("x")),
    (send) => send("invoke", (it) => it.setPackageref("x")),
  ],
  archives: [register((it) => it.setObject(values({ code: { in: [archive] } })))],
  "archives among outputs of the stack or a component": [
    (send) => send("registerResourceOutputs", (it) => it.setOutputs(values({ code: archive }))),
  ],
  "numbers that JSON lacks": [
    register((it) => it.setObject(values({ size: NaN }))),
    (send) => send("readResource", (it) => it.setProperties(values({ size: Infinity }))),
  ],
  "`StackReference`": [
    (send) => send("readResource", (it) => it.setType("pulumi:pulumi:StackReference")),
    register((it) => it.setType("pulumi:pulumi:StackReference")),
  ],
  "`Stash`": [register((it) => it.setType("pulumi:index:Stash"))],
  "Pulumi's own functions but `getResource`": [
    (send) => send("invoke", (it) => it.setTok("pulumi:pulumi:readStackOutputs")),
  ],
  "whatever else a newer `@pulumi/pulumi` may send": [async () => ofNewerSdk("getSomethingList")],
  "methods of remote components": [call("call")],
  "packages of parameters": [call("registerPackage")],
  "transforms of the whole stack": [call("registerStackTransform")],
  "transforms of function calls": [call("registerStackInvokeTransform")],
  "resource hooks": [call("registerResourceHook")],
  "error hooks": [call("registerErrorHook")],
  "`requirePulumiVersion`": [call("requirePulumiVersion")],
  debuggers: [call("startDebugging")],
};

/** The refusal of a request with one field more than the SDK at hand has. */
function ofNewerSdk(getter: string): string {
  const known = resource.RegisterResourceRequest.prototype as object;
  const newer = Object.create(Object.getPrototypeOf(known) as object, {
    ...Object.getOwnPropertyDescriptors(known),
    [getter]: { value: () => ["x"] },
  }) as object;
  const request = Object.setPrototypeOf(CALLS.registerResource(), newer) as Registration;
  try {
    refuseUnsupported(request, {});
  } catch (error) {
    return (error as Error).message;
  }
  return "served";
}
describe("what is refused in a program", () => {
  let monitor: Monitor;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  let clients: Record<string, any>[];
  const told: string[] = [];

  before(async () => {
    monitor = await startMonitor(sdk, {
      project: "test",
      stack: "dev",
      config: {},
      secretKeys: new Set(),
      preview: false,
      parallel: 1,
      projectDir: process.cwd(),
      programDir: process.cwd(),
    });
    const served = (): never => expect.fail("it was served");
    monitor.serve({
      register: served,
      read: served,
      registerOutputs: served,
      invoke: served,
      log: () => {},
      refuse: (refusal) => (told.push(refusal.message), refusal),
    } satisfies MonitorBackend);
    const insecure = sdk.grpc.credentials.createInsecure();
    clients = [
      new ResourceMonitorClient(monitor.address, insecure as never),
      new EngineClient(monitor.address, insecure as never),
    ] as never;
  });
  after(() => {
    for (const client of clients) client.close();
    monitor.close();
  });

  /** What the program is told. */
  const send: Send = (method, change) => {
    const request = CALLS[method]();
    change(request);
    const client = clients.find((it) => method in it)!;
    return new Promise((resolve, reject) =>
      client[method](request, (error: Error & { details: string }) =>
        error ? resolve(error.details) : reject(new Error(`${method} was served`)),
      ),
    );
  };

  const documented = tableOf("docs/deployer.md", "Refused in a program");

  it("is all in the documentation, and nothing else is there", () => {
    expect(documented.map(([feature]) => feature)).to.have.members(Object.keys(FEATURES));
  });

  for (const [feature, words] of documented) {
    it(`is told in the documented words: ${feature}`, async () => {
      expect(FEATURES[feature!], `a request that uses ${feature}`).not.to.equal(undefined);
      for (const request of FEATURES[feature!]!) {
        const text = await request(send);
        expect(text).to.satisfy((it: string) =>
          matches(
            it,
            `${words} isn't supported by images: the Pulumi CLI on the same state is the way to it.`,
          ),
        );
      }
    });
  }

  it("is also told to the user, each time", async () => {
    told.length = 0;
    await send("registerResource", (it) => it.setRemote(true));
    await send("registerPackage", () => {});
    expect(told).to.have.length(2);
  });

  const requests: [string, Message, Record<string, true | string>][] = [
    ["a registration", new resource.RegisterResourceRequest(), REGISTRATION_FIELDS],
    ["its timeouts", new resource.RegisterResourceRequest.CustomTimeouts(), TIMEOUT_FIELDS],
    ["a read", new resource.ReadResourceRequest(), READ_FIELDS],
    ["an invoke", new resource.ResourceInvokeRequest(), INVOKE_FIELDS],
  ];
  for (const [name, request, fields] of requests) {
    it(`has every field of ${name} decided, in the SDK at hand`, () => {
      expect(Object.keys(fields)).to.include.members(gettersOf(request).map(([field]) => field));
    });
  }

  it("has every call of both services decided", () => {
    const served = ["getDeploymentInfo", "supportsFeature", "signalAndWaitForShutdown"];
    served.push("invoke", "readResource", "registerResource", "registerResourceOutputs");
    served.push("log", "getRootResource", "setRootResource");
    const all = [...Object.keys(sdk.ResourceMonitorService), ...Object.keys(sdk.EngineService)];
    expect([...served, ...Object.keys(REFUSED_CALLS)]).to.have.members(all);
  });

  it("isn't what an empty message stands for", () => {
    const { ResourceHooksBinding } = resource.RegisterResourceRequest;
    const request = CALLS.registerResource().setHooks(new ResourceHooksBinding());
    expect(() => refuseUnsupported(request, {})).not.to.throw();
  });
});

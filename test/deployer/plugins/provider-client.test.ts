import { expect } from "chai";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { connectProvider } from "../../../deployer/plugins/provider-client";
import type { ProviderClient } from "../../../deployer/plugins/provider-client";
import { dialProvider } from "../../../deployer/plugins/provider-rpc";
import { loadSdk } from "../../../deployer/wire/sdk";

const sdk = loadSdk(process.cwd());
const { grpc, provider, empty } = sdk;

const URN = "urn:pulumi:dev::test::eager:index:Thing::a";
const OLD = { urn: URN, id: "1", inputs: {}, outputs: {} };
const REFUSAL =
  `The refresh before each update that the provider of "eager" asks for isn't supported by images: ` +
  "the Pulumi CLI on the same state is the way to it.";

describe("a provider that asks for a refresh before each update", () => {
  let server: InstanceType<typeof grpc.Server>;
  let client: ProviderClient;

  before(async () => {
    server = new grpc.Server();
    const answers: Record<string, () => unknown> = {
      handshake: () => new provider.ProviderHandshakeResponse().setAcceptSecrets(true),
      configure: () => new provider.ConfigureResponse().setSupportspreview(true),
      create: () => new provider.CreateResponse().setId("1").setRefreshBeforeUpdate(true),
      update: () => new provider.UpdateResponse().setRefreshBeforeUpdate(true),
      read: () => new provider.ReadResponse().setId("1").setRefreshBeforeUpdate(true),
      delete: () => new empty.Empty(),
    };
    const handlers = Object.entries(answers).map(([name, answer]) => [
      name,
      (_call: unknown, done: (error: null, response: unknown) => void) => done(null, answer()),
    ]);
    server.addService(ResourceProviderService as never, Object.fromEntries(handlers));
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    client = await connectProvider(sdk, "eager", dialProvider(sdk, port), "127.0.0.1:1");
    client.configure("urn:pulumi:dev::test::pulumi:providers:eager::default", "p", {});
  });
  after(() => {
    client.close();
    server.forceShutdown();
  });

  const messageOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "nothing",
      (error: Error) => error.message,
    );

  it("is refused by name in a preview, and when it reads", async () => {
    expect(await messageOf(client.create(URN, {}, { preview: true }))).to.equal(REFUSAL);
    expect(await messageOf(client.update(OLD, {}, { preview: true, ignoreChanges: [] }))).to.equal(REFUSAL);
    expect(await messageOf(client.read(OLD))).to.equal(REFUSAL);
  });

  it("is refused without losing what it has made or changed", async () => {
    expect(await client.create(URN, {}, { preview: false })).to.deep.equal({
      ...{ id: "1", outputs: {} },
      initErrors: [REFUSAL],
    });
    expect(await client.update(OLD, {}, { preview: false, ignoreChanges: [] })).to.deep.equal({
      outputs: {},
      initErrors: [REFUSAL],
    });
  });
});

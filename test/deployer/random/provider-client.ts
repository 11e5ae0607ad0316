import { spawn } from "node:child_process";
import { randomClient } from "../../../deployer/random/random-client";
import type { PropertyMap } from "../../../deployer/wire/property-value";
import { loadSdk } from "../../../deployer/wire/sdk";
import { fromStruct, toStruct } from "../../../deployer/wire/struct";
import { randomPlugin } from "../../support/random-plugin";

const sdk = loadSdk(process.cwd());
const pb = sdk.provider;

export interface Created {
  id: string;
  outputs: PropertyMap;
}

/** Speaks to a provider of random resources in plain properties. */
export interface RandomClient {
  check(name: string, news: PropertyMap, olds?: PropertyMap): Promise<string[]>;
  preview(name: string, inputs: PropertyMap): Promise<PropertyMap>;
  create(name: string, inputs: PropertyMap): Promise<Created>;
  /** `none`, or the inputs that differ, those that replace with a star. */
  diff(name: string, old: Created, inputs: PropertyMap): Promise<string>;
  update(name: string, old: Created, inputs: PropertyMap): Promise<PropertyMap>;
  read(name: string, id: string): Promise<Created>;
  close(): void;
}

export async function startBuiltIn(): Promise<RandomClient> {
  return connect(randomClient(sdk), () => {});
}

export async function startPlugin(): Promise<RandomClient> {
  const child = spawn(randomPlugin()!, ["127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.stdout.once("data", (line) => resolve(Number(String(line).trim())));
  });
  const client = new sdk.ResourceProviderClient(`127.0.0.1:${port}`, sdk.grpc.credentials.createInsecure());
  return connect(client, () => child.kill());
}

async function connect(
  client: InstanceType<typeof sdk.ResourceProviderClient>,
  stop: () => void,
): Promise<RandomClient> {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each method has its own messages
  const call = (method: string, request: unknown): Promise<any> =>
    new Promise((resolve, reject) =>
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
      (client as any)[method](request, (error: Error | null, response: unknown) =>
        error ? reject(error) : resolve(response),
      ),
    );
  const struct = (properties: PropertyMap) => toStruct(sdk, properties);
  const typeOf = (name: string) => `random:index/${name[0]!.toLowerCase()}${name.slice(1)}:${name}`;
  const urnOf = (name: string) => `urn:pulumi:dev::project::${typeOf(name)}::it`;

  await call("configure", new pb.ConfigureRequest().setArgs(struct({})).setAcceptsecrets(true));
  return {
    async check(name, news, olds = {}) {
      const request = new pb.CheckRequest().setUrn(urnOf(name)).setNews(struct(news)).setOlds(struct(olds));
      const failures = (await call("check", request)).getFailuresList();
      return failures.map((failure: InstanceType<typeof pb.CheckFailure>) => failure.getReason());
    },
    async preview(name, inputs) {
      const request = new pb.CreateRequest()
        .setUrn(urnOf(name))
        .setProperties(struct(inputs))
        .setPreview(true);
      return fromStruct((await call("create", request)).getProperties());
    },
    async create(name, inputs) {
      const request = new pb.CreateRequest().setUrn(urnOf(name)).setProperties(struct(inputs));
      const response = await call("create", request);
      return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
    },
    async diff(name, old, inputs) {
      const request = new pb.DiffRequest()
        .setUrn(urnOf(name))
        .setId(old.id)
        .setOlds(struct(old.outputs))
        .setNews(struct(inputs));
      const response: InstanceType<typeof pb.DiffResponse> = await call("diff", request);
      if (response.getChanges() === pb.DiffResponse.DiffChanges.DIFF_NONE) return "none";
      const replaces = response.getReplacesList();
      return response
        .getDiffsList()
        .sort()
        .map((property) => (replaces.includes(property) ? `${property}*` : property))
        .join(" ");
    },
    async update(name, old, inputs) {
      const request = new pb.UpdateRequest()
        .setUrn(urnOf(name))
        .setId(old.id)
        .setOlds(struct(old.outputs))
        .setNews(struct(inputs));
      return fromStruct((await call("update", request)).getProperties());
    },
    async read(name, id) {
      const response = await call("read", new pb.ReadRequest().setUrn(urnOf(name)).setId(id));
      return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
    },
    close() {
      client.close();
      stop();
    },
  };
}

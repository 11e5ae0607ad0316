import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceError, UntypedServiceImplementation } from "@grpc/grpc-js";
import { expect } from "chai";
import { pipedClient, serveOverPipe } from "../../../deployer/wire/piped-service";
import { loadSdk } from "../../../deployer/wire/sdk";

const sdk = loadSdk(process.cwd());
const { grpc, provider, ResourceProviderService } = sdk;
const service = ResourceProviderService as never;

type Done = (error: Partial<ServiceError> | null, response?: unknown) => void;

describe("a service over a pipe", () => {
  let folder: string;
  let ends: [ours: Socket, theirs: Socket];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-pipe-"));
    const path = join(folder, "pipe");
    const server = createServer().listen(path);
    await once(server, "listening");
    const ours = connect(path);
    const [theirs] = (await once(server, "connection")) as [Socket];
    server.close();
    ends = [ours, theirs];
  });
  afterEach(async () => {
    ends.forEach((end) => end.destroy());
    await rm(folder, { recursive: true });
  });

  /** Calls `read`, whose request and answer have an ID. */
  function clientOf(handle: (id: string, done: Done) => void): (id: string) => Promise<unknown> {
    const implementation = {
      read: ({ request }: { request: { getId(): string } }, done: Done) => handle(request.getId(), done),
    } as unknown as UntypedServiceImplementation;
    serveOverPipe(grpc, () => ({ service, implementation }), ends[1]);
    const client = pipedClient(grpc, service, ends[0]);
    return (id) =>
      new Promise((resolve, reject) =>
        client.read!(new provider.ReadRequest().setId(id), (error, response) =>
          error ? reject(error as Error) : resolve((response as { getId(): string }).getId()),
        ),
      );
  }
  const failure = (call: Promise<unknown>): Promise<ServiceError> =>
    call.then(
      () => expect.fail("it was answered"),
      (error: ServiceError) => error,
    );

  it("answers each of many calls, in whatever order they are done, and however long they are", async () => {
    const read = clientOf((id, done) => {
      const answer = (): void => done(null, new provider.ReadResponse().setId(`${id}!`));
      if (id.length % 2) setImmediate(answer);
      else answer();
    });
    const ids = Array.from({ length: 300 }, (_, index) => "é".repeat(index % 50 ? index : index * 5000));
    expect(await Promise.all(ids.map(read))).to.deep.equal(ids.map((id) => `${id}!`));
  });

  it("fails as gRPC does: by a status with its details, or unknown with the error's message", async () => {
    const errors: Record<string, Partial<ServiceError>> = {
      status: { code: grpc.status.NOT_FOUND, details: "no such thing" },
      error: new Error("broken"),
      system: Object.assign(new Error("no file"), { code: "ENOENT" }) as never,
    };
    const read = clientOf((id, done) => done(errors[id]!));
    const told = await Promise.all(Object.keys(errors).map((id) => failure(read(id))));
    expect(told.map(({ code, details }) => [code, details])).to.deep.equal([
      [grpc.status.NOT_FOUND, "no such thing"],
      [grpc.status.UNKNOWN, "broken"],
      [grpc.status.UNKNOWN, "no file"],
    ]);
  });

  it("tells with an error what a resource is that didn't come up", async () => {
    const metadata = new grpc.Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from([0, 255, 1]));
    const read = clientOf((_, done) => done({ code: grpc.status.UNKNOWN, message: "down", metadata }));
    const error = await failure(read("a"));
    expect(error.details).to.equal("down");
    expect(error.metadata.get("grpc-status-details-bin")).to.deep.equal([Buffer.from([0, 255, 1])]);
  });

  it("says that what isn't served isn't", async () => {
    serveOverPipe(grpc, () => undefined, ends[1]);
    const client = pipedClient(grpc, service, ends[0]);
    const error = await new Promise<Partial<ServiceError> | null>((resolve) =>
      client.read!(new provider.ReadRequest(), resolve),
    );
    expect(error?.code).to.equal(grpc.status.UNIMPLEMENTED);
  });

  it("is gone to all that waits for an answer, and to all that is asked later", async () => {
    const read = clientOf((id, done) => {
      if (id === "last") ends[1].destroy();
      else if (id === "first") done(null, new provider.ReadResponse().setId("answered"));
    });
    expect(await read("first")).to.equal("answered");
    const waiting = ["a", "b", "last"].map((id) => failure(read(id)));
    for (const error of await Promise.all(waiting)) expect(error.code).to.equal(grpc.status.UNAVAILABLE);
    expect((await failure(read("later"))).code).to.equal(grpc.status.UNAVAILABLE);
  });
});

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
  function clientOf(
    handle: (id: string, done: Done) => void,
    options?: { atATime: number },
  ): (id: string) => Promise<unknown> {
    const implementation = {
      read: ({ request }: { request: { getId(): string } }, done: Done) => handle(request.getId(), done),
    } as unknown as UntypedServiceImplementation;
    serveOverPipe(grpc, () => ({ service, implementation }), ends[1]);
    const client = pipedClient(grpc, service, ends[0], options);
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

  it("is asked no more at a time than it may be: the others wait in their order, and fail with it", async () => {
    const asked: [id: string, done: Done][] = [];
    const read = clientOf((id, done) => asked.push([id, done]), { atATime: 2 });
    const answers = ["a", "b", "c", "d", "e"].map((id) =>
      read(id).catch((error: ServiceError) => error.code),
    );
    for (const count of [2, 3, 4]) {
      while (asked.length < count) await new Promise(setImmediate);
      const [id, done] = asked[count - 2]!;
      done(null, new provider.ReadResponse().setId(id));
      expect(asked.length).to.equal(count);
    }
    while (asked.length < 5) await new Promise(setImmediate);
    ends[1].destroy();
    const { UNAVAILABLE } = grpc.status;
    expect(await Promise.all(answers)).to.deep.equal(["a", "b", "c", UNAVAILABLE, UNAVAILABLE]);
    expect(asked.map(([id]) => id)).to.deep.equal(["a", "b", "c", "d", "e"]);
  });

  it("fails as gRPC does: by a status with its details, or unknown with the error's message", async () => {
    const errors: Record<string, Partial<ServiceError>> = {
      status: { code: grpc.status.NOT_FOUND, details: "no such thing" },
      error: new Error("broken"),
      system: Object.assign(new Error("no file"), { code: "ENOENT" }) as never,
    };
    const read = clientOf((id, done) => done(errors[id]!));
    const told = await Promise.all(Object.keys(errors).map((id) => failure(read(id))));
    expect(told.map(({ code, details, message }) => [code, details, message])).to.deep.equal([
      [grpc.status.NOT_FOUND, "no such thing", "5 NOT_FOUND: no such thing"],
      [grpc.status.UNKNOWN, "broken", "2 UNKNOWN: broken"],
      [grpc.status.UNKNOWN, "no file", "2 UNKNOWN: no file"],
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

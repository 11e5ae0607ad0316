import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** Answers of a server in trouble, as S3 gives them. */
const SLOW_DOWN =
  "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n" +
  "<Error><Code>SlowDown</Code><Message>reduce your request rate</Message></Error>";

/** Bytes of a request that carries more than questions. */
const LONG = 32 * 1024;

/** What happens to a connection: passed on; answered by 503; reset after so many bytes of the answer or the request. */
export type Fate = "pass" | "slowDown" | { resetAfter: number };

/** A TCP proxy in front of a server, which gives each new connection the next of its fates. */
export class FaultProxy {
  /** Connections so far. */
  connections = 0;
  /** Bytes that the clients have sent. */
  sentBytes = 0;
  /** Told each time of how many bytes the clients have sent. */
  onSent?: (bytes: number) => void;
  private readonly open = new Set<Socket>();
  private isStalled = false;
  private constructor(
    private readonly server: Server,
    private readonly upstream: number,
  ) {}

  /** `fate`: of the nth connection, from 0. */
  static async before(endpoint: string, fate: (connection: number) => Fate): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, Number(new URL(endpoint).port));
    server.on("connection", (socket) => proxy.take(socket, fate(proxy.connections++)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.resetAll();
    await once(this.server, "close");
  }

  /** Breaks off all connections that stand. */
  resetAll(): void {
    for (const socket of this.open) reset(socket);
  }

  /** From now on long requests, also those that are on their way, never arrive whole; short ones pass. */
  stall(): void {
    this.isStalled = true;
  }

  private take(client: Socket, fate: Fate): void {
    this.hold(client);
    if (fate === "slowDown") {
      client.once("data", () => client.end(SLOW_DOWN));
      return;
    }
    const server = connect(this.upstream, "127.0.0.1");
    this.hold(server);
    client.once("close", () => server.destroy());
    server.once("close", () => client.destroy());
    if (fate !== "pass") {
      let left = fate.resetAfter;
      const count = (bytes: Buffer) => {
        left -= bytes.length;
        if (left < 0) reset(client);
      };
      client.on("data", count);
      server.on("data", count);
    }
    client.pipe(server);
    server.pipe(client);
    let request = 0;
    server.on("data", () => (request = 0));
    client.on("data", (bytes: Buffer) => {
      this.sentBytes += bytes.length;
      request += bytes.length;
      this.onSent?.(this.sentBytes);
      if (this.isStalled && request > LONG) client.unpipe(server);
    });
  }

  private hold(socket: Socket): void {
    this.open.add(socket);
    socket.on("error", () => undefined).once("close", () => this.open.delete(socket));
  }
}

/** One that is ending already can't be reset: Node would keep it open for ever. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

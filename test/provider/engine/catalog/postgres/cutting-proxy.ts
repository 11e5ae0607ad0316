import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Between clients and a server: cuts a connection at the statement that it is told to look for. */
export class CuttingProxy {
  private watched: { text: string; passOn: boolean; cut: () => void } | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on("connection", (client) => this.relay(client));
  }

  static async before(port: number): Promise<CuttingProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new CuttingProxy(server, port);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts the connection on which a statement comes next: before the server has it, or (`passOn`) after. */
  cutAt(text: string, { passOn }: { passOn: boolean }): Promise<void> {
    return new Promise((cut) => (this.watched = { text, passOn, cut }));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  private relay(client: Socket): void {
    const server = connect(this.target, "127.0.0.1");
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.sockets.delete(socket));
    }
    client.on("data", (bytes) => {
      const { watched } = this;
      if (!watched || !bytes.includes(watched.text)) {
        server.write(bytes);
        return;
      }
      this.watched = undefined;
      // Whoever asked hears nothing more, whatever the server does of it.
      client.destroy();
      if (watched.passOn) server.end(bytes);
      else server.destroy();
      watched.cut();
    });
    server.on("data", (bytes) => {
      if (!client.destroyed) client.write(bytes);
    });
    server.on("close", () => client.destroy());
    client.on("close", () => {
      if (!server.writableEnded) server.destroy();
    });
  }
}

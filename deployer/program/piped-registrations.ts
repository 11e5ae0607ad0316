import { Socket } from "node:net";
import type * as grpc from "@grpc/grpc-js";
import { REQUESTS_AT_A_TIME } from "../wire/channel-options";
import { PIPE, pipedClient } from "../wire/piped-service";

type Done = (...answer: unknown[]) => void;

/** The SDK's, to speak to a resource monitor. */
export interface MonitorStubs {
  ResourceMonitorService: grpc.ServiceDefinition;
  ResourceMonitorClient: {
    prototype: {
      registerResource(request: unknown, done: Done): unknown;
      getChannel(): { getTarget(): string };
    };
  };
}

/** Has a program register its resources over the engine's pipe. All else, and what it asks another engine, goes by gRPC. */
export function registerOverPipe(library: typeof grpc, stubs: MonitorStubs): void {
  const pipe = new Socket({ fd: PIPE });
  pipe.unref();
  const atATime = REQUESTS_AT_A_TIME;
  const monitor = pipedClient(library, stubs.ResourceMonitorService, pipe, { atATime });
  const address = process.argv[process.argv.indexOf("--monitor") + 1]!;
  const { prototype } = stubs.ResourceMonitorClient;
  const { registerResource } = prototype;
  let open = 0;
  prototype.registerResource = function (request, done) {
    if (!this.getChannel().getTarget().endsWith(address)) return registerResource.call(this, request, done);
    // As a call of gRPC does, one that is open keeps the program from ending.
    if (open++ === 0) pipe.ref();
    monitor.registerResource!(request, (...answer) => {
      if (--open === 0) pipe.unref();
      done(...answer);
    });
  };
}

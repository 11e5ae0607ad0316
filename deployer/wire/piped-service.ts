import type { Duplex } from "node:stream";
import type { Metadata, ServiceDefinition, ServiceError, UntypedServiceImplementation } from "@grpc/grpc-js";
import { Frames } from "./frames";
import type { Sdk } from "./sdk";

/** The file descriptor of a child's end of its pipe. */
export const PIPE = 4;

/** How a call ended, in an answer's `kind`. */
const DONE = 0;
const FAILED = 1;

/** The part of an error that carries what a provider tells of a resource that didn't come up. */
const DETAILS = "grpc-status-details-bin";

interface Failure {
  code: number;
  details: string;
  /** Base64. */
  more?: string;
}

type Grpc = Pick<Sdk["grpc"], "status" | "Metadata">;
type Done = (error: Partial<ServiceError> | null, response?: unknown) => void;
/** As gRPC's clients have it. */
type Methods = Record<string, (request: unknown, done: Done) => void>;

/**
 * The unary calls of a service that another process serves over a pipe. `atATime`: more wait, in their order, until
 * one is answered.
 */
export function pipedClient(
  grpc: Grpc,
  service: ServiceDefinition,
  pipe: Duplex,
  { atATime = Infinity } = {},
): Methods {
  const open = new Map<number, { name: string; done: Done }>();
  const waiting: (() => void)[] = [];
  let isGone = false;
  let calls = 0;
  const frames = new Frames(pipe, ({ call, kind, bytes }) => {
    const { name, done } = open.get(call)!;
    open.delete(call);
    waiting.shift()?.();
    if (kind === FAILED) return done(errorOf(grpc, JSON.parse(Buffer.from(bytes).toString()) as Failure));
    done(null, service[name]!.responseDeserialize(Buffer.from(bytes)));
  });
  const gone = (): ServiceError =>
    errorOf(grpc, { code: grpc.status.UNAVAILABLE, details: "it ended before it had answered" });
  const end = (): void => {
    isGone = true;
    for (const { done } of open.values()) done(gone());
    open.clear();
    for (const next of waiting.splice(0)) next();
  };
  pipe.on("error", end);
  pipe.on("close", end);

  const methods = Object.keys(service).map((name, kind) => {
    const method = (request: unknown, done: Done): void => {
      if (isGone) return done(gone());
      if (open.size >= atATime) return void waiting.push(() => method(request, done));
      open.set(++calls, { name, done });
      frames.send({ call: calls, kind, bytes: service[name]!.requestSerialize(request) });
    };
    return [name, method] as const;
  });
  return Object.fromEntries(methods);
}

export interface Served {
  service: ServiceDefinition;
  implementation: UntypedServiceImplementation;
}

/** Answers the calls of a `pipedClient` by what serves them; `served` is asked at each call. */
export function serveOverPipe(grpc: Grpc, served: () => Served | undefined, pipe: Duplex): void {
  const frames = new Frames(pipe, ({ call, kind, bytes }) => {
    const fail = (failure: Failure): void =>
      frames.send({ call, kind: FAILED, bytes: Buffer.from(JSON.stringify(failure)) });
    const { service, implementation } = served() ?? {};
    const name = service && Object.keys(service)[kind];
    const method = name === undefined ? undefined : implementation?.[name];
    if (!method) return fail({ code: grpc.status.UNIMPLEMENTED, details: "it isn't served" });
    const { requestDeserialize, responseSerialize } = service![name!]!;
    const done: Done = (error, response) =>
      error
        ? fail(failureOf(grpc, error))
        : frames.send({ call, kind: DONE, bytes: responseSerialize(response) });
    const request: unknown = requestDeserialize(Buffer.from(bytes));
    (method as (call: object, done: Done) => void).call(implementation, { request }, done);
  });
}

/** What gRPC's servers make of an error of a handler. */
function failureOf(grpc: Grpc, { code, details, message, metadata }: Partial<ServiceError>): Failure {
  const isStatus = Number.isInteger(code);
  const [more] = metadata?.get(DETAILS) ?? [];
  return {
    code: isStatus ? code! : grpc.status.UNKNOWN,
    details: (isStatus ? details : undefined) ?? message ?? "Unknown Error",
    ...(more === undefined ? {} : { more: Buffer.from(more as Buffer).toString("base64") }),
  };
}

function errorOf(grpc: Grpc, { code, details, more }: Failure): ServiceError {
  const metadata: Metadata = new grpc.Metadata();
  if (more !== undefined) metadata.add(DETAILS, Buffer.from(more, "base64"));
  // As gRPC words it.
  const error = new Error(`${code} ${grpc.status[code]}: ${details}`);
  return Object.assign(error, { code, details, metadata });
}

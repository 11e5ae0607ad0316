/**
 * Makes an output of a resource only when something is asked of it. Each takes some twenty promises, a resource has one
 * for each of its properties, and of most of them nobody asks anything.
 */
import { inspect } from "node:util";

type Settled =
  | { values: [value: unknown, isKnown: boolean, isSecret: boolean, resources: unknown[]] }
  | { error: unknown };
type Resolver = (
  value: unknown,
  isKnown: boolean,
  isSecret: boolean,
  resources?: unknown[],
  error?: unknown,
) => void;

/** What of the SDK makes outputs. */
export interface OutputMaker {
  Output: new (resource: object, ...promises: Promise<unknown>[]) => object;
  /** Keeps an eye on a promise until it is settled. */
  watch(promise: Promise<unknown>, context: string): Promise<unknown>;
  /** Whether an error is of the connection to the engine, which is told elsewhere. */
  isGrpcError(error: unknown): boolean;
}

export type TransferProperties = (
  onto: Record<string, unknown>,
  label: string,
  properties: object,
) => Record<string, Resolver>;

/** As the SDK's `transferProperties`: gives a resource an output for each property, and returns what settles them. */
export function transferLazily(sdk: OutputMaker): TransferProperties {
  return (onto, label, properties) => {
    const resolvers: Record<string, Resolver> = {};
    for (const key of Object.keys(properties)) {
      if (key === "id" || key === "urn") continue;
      if (Object.hasOwn(onto, key)) {
        throw new Error(`Property '${key}' is already initialized on target '${label}`);
      }
      const lazy = new LazyOutput(sdk, onto, `transferProperty(${label}, ${key})`);
      onto[key] = new Proxy(lazy, handler);
      resolvers[key] = (value, isKnown, isSecret, resources = [], error) => {
        if (!error) lazy.settle({ values: [value, isKnown, isSecret, resources] });
        else if (!sdk.isGrpcError(error)) lazy.settle({ error });
      };
    }
    return resolvers;
  };
}

class LazyOutput {
  private made?: object;
  private settled?: Settled;
  private onSettled?: (settled: Settled) => void;

  constructor(
    private readonly sdk: OutputMaker,
    private readonly resource: object,
    private readonly context: string,
  ) {}

  get output(): object {
    return (this.made ??= this.make());
  }

  settle(settled: Settled): void {
    this.settled = settled;
    this.onSettled?.(settled);
  }

  [inspect.custom](_: number, options: object): string {
    return inspect(this.output, options);
  }

  private make(): object {
    const settles: ((settled: Settled) => void)[] = [];
    const promises = [0, 1, 2, 3].map((index) => {
      const promise = new Promise((resolve, reject) =>
        settles.push((it) => ("values" in it ? resolve(it.values[index]) : reject(it.error))),
      );
      return this.sdk.watch(promise, this.context);
    });
    this.onSettled = (settled) => settles.forEach((settle) => settle(settled));
    if (this.settled) this.onSettled(this.settled);
    return new this.sdk.Output(this.resource, ...promises);
  }
}

/** Whoever asks anything of a lazy output asks the output itself. */
const handler: ProxyHandler<LazyOutput> = {
  get: (lazy, key) => Reflect.get(lazy.output, key),
  has: (lazy, key) => Reflect.has(lazy.output, key),
  set: (lazy, key, value) => Reflect.set(lazy.output, key, value),
  getPrototypeOf: (lazy) => Reflect.getPrototypeOf(lazy.output),
  ownKeys: (lazy) => Reflect.ownKeys(lazy.output),
  getOwnPropertyDescriptor: (lazy, key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(lazy.output, key);
    return descriptor && { ...descriptor, configurable: true };
  },
};

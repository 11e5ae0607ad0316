import { ViolationError } from "./engine/violation";
import type { Violation } from "./engine/violation";
import { PartialFailure } from "./lifecycle/lifecycle";
import type { Difference, Lifecycle, Properties } from "./lifecycle/lifecycle";
import type { ConfiguredRegion } from "./lifecycle/configured-region";

/** What Pulumi's dynamic-provider process calls; it differs from `pulumi.dynamic.ResourceProvider` in nothing. */
export interface DynamicProvider {
  configure(request: { config: unknown }): void;
  check(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<Difference>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(id: string, props: Properties): Promise<{ id: string; props?: Properties; inputs?: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

/** Serves a lifecycle through Pulumi's dynamic-provider process. */
export function dynamicProvider(lifecycle: Lifecycle, region: ConfiguredRegion): DynamicProvider {
  return {
    configure: ({ config }) => region.configure((config as { rawConfig?: Properties }).rawConfig ?? {}),
    check: (olds, news) =>
      plainly(async () => {
        const { inputs, violations } = await lifecycle.check(olds, news);
        return { inputs, failures: violations.map(failure) };
      }),
    diff: (id, olds, news) => plainly(async () => lifecycle.diff(id, olds, news)),
    create: (inputs) =>
      plainly(async () => {
        const { id, outputs } = await lifecycle.create(inputs);
        return { id, outs: outputs };
      }),
    read: (id, properties) =>
      plainly(async () => {
        const found = await lifecycle.read(id, properties);
        return found ? { id: found.id, props: found.outputs, inputs: found.inputs } : { id: "" };
      }),
    update: (id, olds, news) =>
      plainly(async () => ({ outs: await lifecycle.update(id, olds, news) }), news.__provider),
    delete: (id, properties) => plainly(() => lifecycle.delete(id, properties)),
  };
}

/** A failure that names its property makes Pulumi print the value too, which may be a secret: it is named here only. */
function failure({ property, reason }: Violation) {
  return { property: "", reason: property ? `${property}: ${reason}` : reason };
}

/**
 * Users see messages, not stack traces, which the process prints of check, diff, read and delete. A partial failure
 * takes the form that the process expects of one.
 */
async function plainly<T>(work: () => Promise<T>, provider?: unknown): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const plain = new Error(error instanceof Error ? error.message : String(error));
    plain.name = ViolationError.is(error) ? "Refused" : "Failed";
    plain.stack = "";
    if (error instanceof PartialFailure) {
      Object.assign(plain, {
        id: error.id,
        properties: { ...error.properties, __provider: provider },
        reasons: [error.message],
      });
    }
    throw plain;
  }
}

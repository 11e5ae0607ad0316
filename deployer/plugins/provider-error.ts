import type { ServiceError } from "@grpc/grpc-js";
import type { PropertyMap } from "../wire/property-value";
import type { Sdk } from "../wire/sdk";
import { fromStruct } from "../wire/struct";

/** A provider that answered with an error, or didn't answer. */
export class ProviderError extends Error {
  constructor(
    message: string,
    readonly code?: number,
    /** The provider ended before it answered: it may have done what it was asked, or not. */
    readonly isOutcomeUnknown = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ProviderError";
  }
}

/** The resource exists, but its provider couldn't bring it up: it is kept, and updated by the next run. */
export class InitError extends ProviderError {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: PropertyMap,
    readonly inputs: PropertyMap | undefined,
    readonly reasons: string[],
  ) {
    super(message);
    this.name = "InitError";
  }
}

export function providerError(sdk: Sdk, provider: string, error: ServiceError): ProviderError {
  const failure = initFailure(sdk, error);
  if (failure) return failure;
  if (error.code === sdk.grpc.status.UNAVAILABLE) {
    return new ProviderError(`The provider of "${provider}" is gone: ${error.details}`, error.code, true, {
      cause: error,
    });
  }
  return new ProviderError(error.details || error.message, error.code, false, { cause: error });
}

function initFailure(sdk: Sdk, error: ServiceError): InitError | undefined {
  for (const bytes of error.metadata?.get("grpc-status-details-bin") ?? []) {
    if (typeof bytes === "string") continue;
    for (const detail of sdk.status.Status.deserializeBinary(bytes).getDetailsList()) {
      if (detail.getTypeName() !== "pulumirpc.ErrorResourceInitFailed") continue;
      const failed = sdk.provider.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      const inputs = failed.getInputs();
      return new InitError(
        error.details,
        failed.getId(),
        fromStruct(failed.getProperties()),
        inputs && fromStruct(inputs),
        failed.getReasonsList(),
      );
    }
  }
  return undefined;
}

import type { Sdk } from "../wire/sdk";
import { nameOf, typeOf } from "../wire/urn";
import type { CheckFailure, DiffResult } from "./provider-results";

/** A message of the ResourceProvider protocol. */
export type Message<K extends keyof Sdk["provider"]> = Sdk["provider"][K] extends new () => infer M
  ? M
  : never;

interface Identified {
  setUrn(urn: string): unknown;
  setName(name: string): unknown;
  setType(type: string): unknown;
}

export function identify<R extends Identified>(request: R, urn: string): R {
  request.setUrn(urn);
  request.setName(nameOf(urn));
  request.setType(typeOf(urn));
  return request;
}

export function checkFailures(response: Pick<Message<"CheckResponse">, "getFailuresList">): CheckFailure[] {
  return response
    .getFailuresList()
    .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
}

export function diffResult(response: Message<"DiffResponse">): DiffResult {
  return {
    changes: (["unknown", "none", "some"] as const)[response.getChanges()] ?? "unknown",
    replaces: response.getReplacesList(),
    changed: response.getDiffsList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
  };
}

import type { CheckFailure } from "../plugins/provider-results";
import type { ResourceState } from "../state/resource-state";

/** A provider refuses a resource's inputs. The state is what the program asked for. */
export class CheckFailed extends Error {
  constructor(
    readonly state: ResourceState,
    readonly position: string | undefined,
    readonly failures: CheckFailure[],
  ) {
    super(`${state.urn} isn't valid.`);
    this.name = "CheckFailed";
  }
}

export function checkFailed(
  candidate: { state: ResourceState; registration: { position?: string } },
  failures: CheckFailure[],
): CheckFailed {
  return new CheckFailed(candidate.state, candidate.registration.position, failures);
}

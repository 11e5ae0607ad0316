import { Deployment } from "./deployment";
import type { DeploymentOptions } from "./deployment";
import type { RunOptions } from "./options";
import type { Outcome } from "./run";

/** What is at work on a deployment. */
export interface Work {
  /** Whether it got to its end. */
  ended: Promise<boolean>;
  /** Nothing new is to begin. */
  stop?(): void;
  kill?(): void;
}

/** Has work done on a deployment of its own, until it ends, fails or is cancelled by the user. */
export async function runDeployment(
  options: DeploymentOptions,
  begin: (deployment: Deployment) => Work,
): Promise<Outcome> {
  const { cancel } = options;
  const deployment = new Deployment(options);
  const { executor, plugins, reporter } = deployment;
  const work = begin(deployment);
  const stop = (): void => {
    executor.stop();
    work.stop?.();
  };
  const kill = (): void => {
    executor.cutOff();
    work.kill?.();
    plugins.kill();
  };
  cancel?.graceful.addEventListener("abort", stop, { once: true });
  cancel?.immediate.addEventListener("abort", kill, { once: true });
  executor.onFailure = stop;
  try {
    const isDone = await work.ended;
    await executor.idle();
    const failed = reporter.failed || executor.failed;
    const ended = failed || !isDone ? "failed" : "succeeded";
    const result = isCancelled(cancel, failed) ? "cancelled" : ended;
    deployment.finishOutputs(result === "succeeded");
    return { result, changes: executor.changes };
  } finally {
    cancel?.graceful.removeEventListener("abort", stop);
    cancel?.immediate.removeEventListener("abort", kill);
    await deployment.close();
  }
}

/** Whether the user ended the run: what fails of itself while the rest ends is a failure; what was killed isn't. */
function isCancelled(cancel: RunOptions["cancel"], failed: boolean): boolean {
  if (cancel?.immediate.aborted) return true;
  return (cancel?.graceful.aborted ?? false) && !failed;
}

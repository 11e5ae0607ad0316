import type { UpdateKind } from "../state/stack-store";
import type { Deployment } from "./deployment";
import { runDeployment } from "./deployment-run";
import type { DestroyOptions, RunResult } from "./options";
import { Processes } from "./processes";
import type { Pass } from "./run";
import { change, look } from "./run";

/** A run on the state alone; with `preview` it tells what it would do, and changes nothing. */
export function runWithoutProgram(
  mode: Extract<UpdateKind, "refresh" | "destroy">,
  options: DestroyOptions,
  work: (deployment: Deployment) => Promise<void>,
): Promise<RunResult> {
  const pass: Pass<DestroyOptions> = {
    start: (_, base, preview) =>
      base.resources.length > 0
        ? Processes.start(options, base, { preview, asksNothing: preview && mode === "destroy" })
        : undefined,
    run: (_, base, session, processes) =>
      runDeployment(
        { ...options, processes, preview: session === undefined, base, session },
        (deployment) => ({
          ended: work(deployment).then(() => true),
        }),
      ),
  };
  return options.preview ? look(mode, options, pass) : change(mode, options, pass);
}

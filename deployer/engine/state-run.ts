import { programFolder } from "../program/program-run";
import type { UpdateKind } from "../state/stack-store";
import { loadSdk } from "../wire/sdk";
import type { Deployment } from "./deployment";
import { runDeployment } from "./deployment-run";
import type { DestroyOptions, RunResult } from "./options";
import type { Pass } from "./run";
import { change, look } from "./run";

/** A run on the state alone; with `preview` it tells what it would do, and changes nothing. */
export function runWithoutProgram(
  mode: Extract<UpdateKind, "refresh" | "destroy">,
  options: DestroyOptions,
  work: (deployment: Deployment) => Promise<void>,
): Promise<RunResult> {
  const pass: Pass<DestroyOptions> = async (_options, base, session) => {
    if (base.resources.length === 0) return { result: "succeeded", changes: {} };
    const { dir } = programFolder(options.project);
    const preview = session === undefined;
    return runDeployment(
      {
        ...options,
        sdk: loadSdk(dir),
        programDir: dir,
        preview,
        base,
        session,
        asksNothing: preview && mode === "destroy",
      },
      (deployment) => ({ ended: work(deployment).then(() => true) }),
    );
  };
  return options.preview ? look(mode, options, pass) : change(mode, options, pass);
}

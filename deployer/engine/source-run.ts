import type { ProgramRun } from "../program/program-run";
import type { Deployment } from "./deployment";
import { runDeployment } from "./deployment-run";
import type { Work } from "./deployment-run";
import type { RunOptions } from "./options";
import { Processes } from "./processes";
import type { Pass } from "./run";

/** The time that a program gets to end by itself once the run has been stopped. */
const GRACE_MS = 2000;

/** A pass of the program over its stack. */
export const programPass: Pass<RunOptions> = {
  start: (options, base, preview) => Processes.start(options, base, { preview, program: true }),
  run: (options, base, session, processes) =>
    runDeployment({ ...options, processes, preview: session === undefined, base, session }, (deployment) =>
      workOf(processes.program!, deployment),
    ),
};

function workOf(program: ProgramRun, deployment: Deployment): Work {
  const { executor, reporter, emit } = deployment;
  const end = async (): Promise<boolean> => {
    const end = await program.ended;
    if (end.kind === "failed" && !executor.stopped) {
      reporter.failed = true;
      emit({ type: "diagnostic", severity: "error", message: end.message });
    }
    if (end.kind === "done" && !executor.stopped && !reporter.failed) await deployment.deleteTheRest();
    return end.kind === "done";
  };
  return {
    ended: end(),
    stop: () => void executor.idle().then(() => setTimeout(() => void program.end(), GRACE_MS).unref()),
    kill: () => program.kill(),
  };
}

import { programFolder, startProgram } from "../program/program-run";
import { loadSdk } from "../wire/sdk";
import type { Deployment } from "./deployment";
import { runDeployment } from "./deployment-run";
import type { Work } from "./deployment-run";
import type { RunOptions } from "./options";
import type { Pass } from "./run";

/** The time that a program gets to end by itself once the run has been stopped. */
const GRACE_MS = 2000;

/** A pass of the program over its stack. */
export const runProgram: Pass<RunOptions> = (options, base, session) => {
  const { dir } = programFolder(options.project);
  const preview = session === undefined;
  const deployed = { ...options, sdk: loadSdk(dir), programDir: dir, preview, base, session };
  return runDeployment(deployed, (deployment) => startSource(deployed, deployment));
};

function startSource(options: Parameters<typeof runDeployment>[0], deployment: Deployment): Work {
  const { project } = options;
  const { executor, reporter, emit } = deployment;
  const program = startProgram({
    ...options,
    typescript: project.runtime?.typescript ?? true,
    nodeArgs: project.runtime?.nodeArgs ?? [],
    address: deployment.monitor.address,
    parallel: options.parallel ?? 16,
    onLine: (line, stream) => emit({ type: "output", stream, line }),
  });
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

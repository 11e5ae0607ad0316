import type { Display, Emit } from "../../deployer/display/events";
import { JsonEvents } from "../../deployer/display/json-events";
import { LiveDisplay } from "../../deployer/display/live-display";
import { PlainDisplay } from "../../deployer/display/plain-display";
import { changeCount } from "../../deployer/display/step-words";
import type { RunOptions, RunResult } from "../../deployer/engine/options";
import type { Crypter } from "../../deployer/secrets/crypter";
import { EXIT, UserError } from "../../deployer/user-error";
import { onInterrupt } from "./cancellation";
import type { RunCommandOptions } from "../command-options";
import { colors, columns, isLive } from "../output-style";
import type { StackContext } from "./stack-context";

/** One pass of the engine over a stack. */
export type Mode = (options: RunOptions) => Promise<RunResult>;

/** A command's run: one display and one Ctrl-C for all of its passes. */
export interface StackRun {
  /** A pass that changes nothing: shown as what would be done. */
  plan(mode: Mode): Promise<RunResult>;
  pass(mode: Mode): Promise<RunResult>;
  end(): void;
}

/** For a run that will write, `writes`: a missing passphrase is told at once, not after the preview. */
export async function startRun(
  context: StackContext,
  options: RunCommandOptions,
  { writes = false, display = displayFor(options) }: { writes?: boolean; display?: Display } = {},
): Promise<StackRun> {
  const { project, stack, store } = context;
  if (writes) await context.passphrase.require(context.config.salt);
  // Derived while the program starts; awaited where it is needed.
  const crypter = startKey(context);
  const { values, secretKeys } = context.config.resolve(
    context.config.hasSecrets ? await crypter : undefined,
  );
  const cancellation = onInterrupt((text) =>
    display instanceof LiveDisplay ? display.say(text) : process.stderr.write(`\n${text}\n`),
  );
  const run = (mode: Mode, emit: Emit): Promise<RunResult> =>
    mode({
      project: { name: project.name, dir: project.dir, main: project.main, runtime: project.runtime },
      stack: { name: stack, config: values, secretKeys },
      store,
      emit,
      parallel: options.parallel,
      cancel: cancellation,
    });
  return {
    plan: (mode) =>
      run(mode, (event) => display.emit(event.type === "prelude" ? { ...event, mode: "preview" } : event)),
    pass: (mode) => run(mode, display.emit),
    end: () => {
      display.close();
      cancellation.end();
    },
  };
}

/** The exit code of a run; with --expect-no-changes a change has one too. */
export function exitCode({ result, changes }: RunResult, { expectNoChanges }: RunCommandOptions): number {
  if (result !== "succeeded") return EXIT.failed;
  if (expectNoChanges && changeCount(changes) > 0) {
    throw new UserError("Changes were found, and --expect-no-changes says that there should be none.", {
      exitCode: EXIT.changes,
    });
  }
  return EXIT.done;
}

function displayFor({ json }: RunCommandOptions): Display {
  if (json) return new JsonEvents(write);
  if (!isLive()) return new PlainDisplay({ write, colors: colors(), width: columns });
  const { stdout } = process;
  return new LiveDisplay({
    write,
    colors: colors(),
    columns: () => stdout.columns || 80,
    rows: () => stdout.rows || 24,
  });
}

function startKey({ config, passphrase }: StackContext): Promise<Crypter | undefined> {
  return config.salt ? passphrase.open(config.salt) : Promise.resolve(undefined);
}

function write(text: string): void {
  process.stdout.write(text);
}

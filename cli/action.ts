import { Fault, ViolationError } from "../provider/engine/violation";
import { EXIT, UserError } from "../deployer/user-error";

/** Wraps what a command does: an error becomes one message on standard error and an exit code. */
export function action<Arguments extends unknown[]>(
  run: (...args: Arguments) => Promise<number | void>,
): (...args: Arguments) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = (await run(...args)) ?? EXIT.done;
    } catch (error) {
      process.stderr.write(`${errorText(error, !!process.env.IMAGES_DEBUG)}\n`);
      process.exitCode = error instanceof UserError ? error.exitCode : EXIT.failed;
    }
  };
}

export function errorText(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const details = debug && error instanceof Error ? `\n${withCauses(error)}` : "";
  if (error instanceof UserError || ViolationError.is(error) || Fault.is(error))
    return `error: ${message}${details}`;
  return `error: this is a bug in images: ${message}${details || " (IMAGES_DEBUG=1 shows where)"}`;
}

function withCauses(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${withCauses(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

/**
 * Passes on what the dynamic provider's process writes, without the errors that its host prints before it answers the
 * call with them: the step tells those.
 */
export function withoutThrownErrors(onLine: (line: string) => void): (line: string) => void {
  let inStack = false;
  return (line) => {
    if (isThrownError(line)) inStack = true;
    else if (!inStack || !/^\s+at /.test(line)) {
      inStack = false;
      onLine(line);
    }
  };
}

/** The host prints `${error}: ${error.stack}`; a stack begins with the error again, or is empty. */
function isThrownError(line: string): boolean {
  const half = (line.length - 2) / 2;
  const repeated = Number.isInteger(half) && line === `${line.slice(0, half)}: ${line.slice(0, half)}`;
  return /^\w*Error\b/.test(line) && (repeated || line.endsWith(": "));
}

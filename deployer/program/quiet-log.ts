/** Called by the SDK when the engine has ended the run: closes the channels to it. */
export interface Terminating {
  terminateRpcs?: () => void;
}

const UNDELIVERED = "failed to deliver log message";

/**
 * Says nothing of what a program logs after the engine has ended the run: nobody listens any more, and the SDK would
 * print each message with why it couldn't be sent.
 */
export function dropLogsAfterTheEnd(settings: Terminating): void {
  const { terminateRpcs } = settings;
  if (!terminateRpcs) return;
  settings.terminateRpcs = () => {
    const print = console.error;
    console.error = (...said: unknown[]) => {
      if (!String(said[0]).startsWith(UNDELIVERED)) print(...said);
    };
    settings.terminateRpcs = terminateRpcs;
    terminateRpcs();
  };
}

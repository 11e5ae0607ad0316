/** The two stages of Ctrl-C: the first lets what is at work end, the second stops it. */
export interface Cancellation {
  graceful: AbortSignal;
  immediate: AbortSignal;
  /** Gives the signals back. */
  end(): void;
}

export function onInterrupt(say: (text: string) => void): Cancellation {
  const graceful = new AbortController();
  const immediate = new AbortController();
  const interrupt = (): void => {
    if (!graceful.signal.aborted) {
      say("Stopping: steps at work may end, no new one starts. Press Ctrl-C again to stop them too.");
      graceful.abort();
    } else if (!immediate.signal.aborted) {
      say("Stopping what is at work. What isn't known to have ended is listed by the next run.");
      immediate.abort();
    }
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return {
    graceful: graceful.signal,
    immediate: immediate.signal,
    end: () => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
    },
  };
}

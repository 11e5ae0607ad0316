/**
 * Preloaded into every Node process of a measured command: notes, at its end, what it took.
 */
import { appendFileSync } from "node:fs";
import { basename } from "node:path";

/** A line of the file that IMAGES_BENCH_USAGE names. */
export interface Usage {
  /** The file that the process ran. */
  script: string;
  cpuSeconds: number;
  peakMiB: number;
}

const file = process.env["IMAGES_BENCH_USAGE"];
if (file) {
  // Providers are ended by this signal, which would leave no time to note anything.
  process.on("SIGTERM", () => process.exit(143));
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage: Usage = {
      script: basename(process.argv[1] ?? ""),
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      peakMiB: maxRSS / 1024,
    };
    appendFileSync(file, JSON.stringify(usage) + "\n");
  });
}

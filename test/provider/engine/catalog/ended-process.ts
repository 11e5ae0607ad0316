import { spawnSync } from "node:child_process";
import { thisProcess } from "../../../../provider/engine/catalog/process-mark";
import type { ProcessMark } from "../../../../provider/engine/catalog/process-mark";

/** A process of this host that has lived and ended. */
export function endedProcess(): ProcessMark {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  return { ...thisProcess(), pid: pid ?? 0, startedAt: "1" };
}

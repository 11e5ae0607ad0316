import { randomFillSync } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";

export function writeRandom(path: string, bytes: number): void {
  const chunk = Buffer.alloc(2 ** 22);
  const fd = openSync(path, "w");
  for (let done = 0; done < bytes; done += chunk.length) writeSync(fd, randomFillSync(chunk));
  closeSync(fd);
}

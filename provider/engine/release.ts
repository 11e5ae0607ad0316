import { MessageChannel, type MessagePort } from "node:worker_threads";

let nowhere: MessagePort | undefined;

/**
 * Gives the memory of a buffer back at once; it has no bytes afterwards. Gigabytes pass through here, and the collector
 * sees to such memory late, and at a price: by sending it where nobody takes it it is freed without it. Does nothing to
 * what shares its memory with others.
 */
export function release({ buffer, byteLength }: Buffer): void {
  if (byteLength === 0 || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  if (!nowhere) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  try {
    nowhere.postMessage(undefined, [buffer]);
  } catch {
    // A buffer of a native module's own can't be sent: the collector gets it.
  }
}

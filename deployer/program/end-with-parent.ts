/**
 * Preloaded into each Node process that the engine starts: ends the process when the engine is gone, however it went.
 * The engine holds the other end of file descriptor 3.
 */
import { Socket } from "node:net";

const lifeline = new Socket({ fd: 3, readable: true, writable: false });
lifeline.on("error", () => process.exit(1));
lifeline.on("close", () => process.exit(1));
lifeline.resume();
lifeline.unref();

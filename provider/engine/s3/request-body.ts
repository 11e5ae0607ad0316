import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { IncompleteAnswer } from "./retries";

/** The bytes of a request's body, and their SHA-256 for the server to verify. */
export interface Body {
  bytes: Buffer;
  sha256: Buffer;
}

/** Of all objects. */
export const CONTENT_TYPE = "application/octet-stream";

/** What an object tells of itself, by names in lower case. */
export type Metadata = Readonly<Record<string, string>>;

export function integrity({ bytes, sha256 }: Body): {
  Body: Buffer;
  ContentLength: number;
  ChecksumSHA256: string;
} {
  return { Body: bytes, ContentLength: bytes.length, ChecksumSHA256: sha256.toString("base64") };
}

interface Hashable {
  middlewareStack: {
    add(
      middleware: (
        next: (args: never) => unknown,
      ) => (args: { request: { headers: Record<string, string> } }) => unknown,
      options: { step: "build"; name: string },
    ): void;
  };
}

/** The signature takes the body's hash; it is known already, and isn't taken again on the event loop. */
export function hashed<C extends object>(command: C, { sha256 }: Body): C {
  (command as unknown as Hashable).middlewareStack.add(
    (next) => (args) => {
      args.request.headers["x-amz-content-sha256"] = sha256.toString("hex");
      return next(args as never);
    },
    { step: "build", name: "knownPayloadHash" },
  );
  return command;
}

/** All of an answer's body. */
export async function bytesOf(body: Readable, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  await new Promise<void>((resolve, reject) => {
    body.on("data", (piece: Buffer) => {
      filled += piece.copy(bytes, filled);
    });
    body.once("error", reject).once("end", resolve);
    body.once("close", () => reject(new IncompleteAnswer()));
  });
  if (filled < length) throw new IncompleteAnswer();
  return bytes;
}

/** Hexadecimal MD5, which the ETag of a part is where a server keeps no SHA-256 of it. */
export function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

import { stat } from "node:fs/promises";
import { Fault } from "../violation";

/** A content that a store offers to copy from but doesn't hold: a file of the operator's, or zeros where `path` is absent. */
export interface ExternalContent {
  path?: string;
  virtualBytes: number;
}

/** Finds the external content of an ID, such as `public:<image id>`. */
export type ExternalContents = (id: string) => ExternalContent | undefined;

export const NO_EXTERNAL_CONTENTS: ExternalContents = () => undefined;

/** Bytes of a registered file; a Fault where it is gone. */
export async function registeredBytes(doing: string, path: string): Promise<number> {
  const found = await stat(path).catch((error: Error) => {
    throw new Fault(doing, {
      says: `the file ${path} that region.yaml registers for it can't be read: ${error.message}`,
      cause: error,
    });
  });
  return found.size;
}

const CONTENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** IDs of contents that a store holds become names of files: nothing in them may lead elsewhere. */
export function requireContentId(doing: string, id: string): void {
  if (!CONTENT_ID.test(id)) {
    throw new Fault(doing, {
      says: `${JSON.stringify(id)} can't name a disk: 1 to 128 of A-Z a-z 0-9 . _ -, the first a letter or digit`,
    });
  }
}

import { Fault } from "../../violation";
import { requireContentId } from "../external-contents";
import type { ContentEntry, ContentIndex, WholeContent } from "./content-index";

export type WholeEntry = Extract<ContentEntry, { state: "whole" }>;

/** The entry of a content that stands. */
export async function requireWhole(index: ContentIndex, doing: string, id: string): Promise<WholeEntry> {
  requireContentId(doing, id);
  const entry = await index.find(id);
  if (entry?.state !== "whole") throw new Fault(doing, { says: `there is no disk ${id} in the bucket` });
  return entry;
}

/** The entry of a content that is to be made. */
export async function requireFree(index: ContentIndex, doing: string, id: string): Promise<ContentEntry> {
  requireContentId(doing, id);
  const entry = await index.find(id);
  if (!entry) throw new Fault(doing, { says: `no record of the catalogue names the disk ${id}` });
  if (entry.state === "whole") throw new Fault(doing, { says: `there is a disk ${id} already` });
  return entry;
}

/** As the port tells of it. */
export function described({ virtualBytes, sizeBytes }: WholeContent): {
  virtualBytes: number;
  sizeBytes: number;
} {
  return { virtualBytes, sizeBytes };
}

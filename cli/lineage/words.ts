import type { LineageEdge, LineageGraph, LineageNode } from "../../provider/engine/lineage/graph";
import type { QuotaUse } from "../../provider/engine/engine";

/** A lineage, and how much of the account's quotas is used. */
export interface LineagePicture {
  graph: LineageGraph;
  quotas: QuotaUse;
}

/** What every format says of a node. */
export interface NodeWords {
  name: string;
  /** "system image", "share with". */
  kind: string;
  /** Absent where it is the name. */
  id?: string;
  /** "cloudDisk", "encrypted", "gone". */
  facts: string[];
}

export function wordsOf(node: LineageNode): NodeWords {
  const { id, kind, name = id } = node;
  return {
    name: plain(name),
    kind: kindOf(node),
    id: name === id || kind === "share" ? undefined : plain(id),
    facts: factsOf(node).map(plain),
  };
}

/** How an image became another one; of everything else the kind says it. */
export function manner(how: LineageEdge["how"]): string | undefined {
  return how === "conversion" || how === "replica" ? how : undefined;
}

function kindOf({ kind, visibility, imageType }: LineageNode): string {
  if (kind !== "image") return kind;
  const type = imageType ? `${imageType} image` : "image";
  return visibility === undefined || visibility === "private" ? type : `${visibility} ${type}`;
}

function factsOf(node: LineageNode): string[] {
  const { architectures = [], fileFormat, bucketUrl } = node;
  const gone = node.standing === "gone" && "gone";
  const elsewhere = node.standing === "elsewhere" && "of another account";
  return [
    gone || elsewhere || "",
    architectures.length === 1 ? architectures[0]! : "",
    node.encrypted ? "encrypted" : "",
    node.quickProvisioning ? "quick provisioning" : "",
    fileFormat ?? "",
    bucketUrl ?? "",
    node.creating ? "being made" : "",
  ].filter(Boolean);
}

export interface Quota {
  name: string;
  used: number;
  limit: number;
}

/** The account's quotas, and the members of each of its images. */
export function quotasOf({ graph, quotas }: LineagePicture): { account: Quota[]; members: Quota[] } {
  const { privateImages, snapshots, acceptedShares, membersPerImage } = quotas;
  return {
    account: [
      { name: "private images", ...privateImages },
      { name: "snapshots", ...snapshots },
      { name: "accepted shares", ...acceptedShares },
    ],
    members: graph.nodes.flatMap((node) =>
      node.members !== undefined
        ? [{ name: wordsOf(node).name, used: node.members, limit: membersPerImage.limit }]
        : [],
    ),
  };
}

export function isFull({ used, limit }: Quota): boolean {
  return used >= limit;
}

/** Names of files and buckets may hold what moves a terminal's cursor or ends a line. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

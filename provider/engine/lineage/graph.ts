import type {
  Architecture,
  ExportFormat,
  ExportRecord,
  ImageRecord,
  ImageType,
  InstanceRecord,
  LineageStep,
  ShareRecord,
  Visibility,
  VolumeRecord,
} from "../model";
import type { Place } from "../scope";

export type LineageKind = LineageStep["type"] | "share" | "export";

/**
 * `here`: the account's own; `offered`: public or marketplace; `elsewhere`: another account's; `outside`: a file, which
 * no one keeps watch of; `gone`: deleted, or shared no longer, and known by what was made from it.
 */
export type Standing = "here" | "offered" | "elsewhere" | "outside" | "gone";

export interface LineageNode {
  /** `<kind>:<id>`, unique in the graph. */
  key: string;
  kind: LineageKind;
  id: string;
  /** Of a share, the member. Absent where the lineage steps that name it tell none. */
  name?: string;
  standing: Standing;
  /** It is being made. */
  creating?: boolean;
  encrypted?: boolean;
  architectures?: Architecture[];
  /** Of an image. */
  visibility?: Visibility | "shared";
  imageType?: ImageType;
  quickProvisioning?: boolean;
  /** How many accounts the account's own image is shared with. */
  members?: number;
  /** Of an export. */
  fileFormat?: ExportFormat;
  bucketUrl?: string;
}

/** `how`: the kind of what was made, or in what manner an image became another one. */
export interface LineageEdge {
  from: string;
  to: string;
  how: LineageKind | "conversion" | "replica";
}

/**
 * What an account's things were made from, and what was made from them. Nodes in order of creation, what is known by
 * name only before the first thing that names it. A rebuilt instance may stand in a circle with an image of itself.
 */
export interface LineageGraph extends Place {
  nodes: LineageNode[];
  edges: LineageEdge[];
}

/** Records of all accounts, in any order. */
export interface LineageRecords {
  images: readonly ImageRecord[];
  instances: readonly InstanceRecord[];
  volumes: readonly VolumeRecord[];
  shares: readonly ShareRecord[];
  exports: readonly ExportRecord[];
}

/** The account's images, those shared with it, its instances, volumes, shares and exports, and all that they came from. */
export function lineageGraph(records: LineageRecords, place: Place): LineageGraph {
  return new Builder(records, place).build();
}

/** The part of the graph that the given nodes came from and what came from them. */
export function around(graph: LineageGraph, keys: readonly string[]): LineageGraph {
  const wanted = new Set([...reach(graph, keys, "to", "from"), ...reach(graph, keys, "from", "to")]);
  return {
    ...graph,
    nodes: graph.nodes.filter(({ key }) => wanted.has(key)),
    edges: graph.edges.filter(({ from, to }) => wanted.has(from) && wanted.has(to)),
  };
}

type Made = ImageRecord | InstanceRecord | VolumeRecord;

class Builder {
  private readonly nodes = new Map<string, LineageNode>();
  private readonly edges = new Map<string, LineageEdge>();
  private readonly images: Map<string, ImageRecord>;
  private readonly standing: Set<string>;
  private readonly members = new Map<string, number>();
  private readonly sharedWithIt = new Set<string>();

  constructor(
    private readonly records: LineageRecords,
    private readonly place: Place,
  ) {
    this.images = new Map(records.images.map((image) => [image.id, image]));
    this.standing = new Set([
      ...records.instances.map(({ id }) => keyOf("instance", id)),
      ...records.volumes.map(({ id }) => keyOf("volume", id)),
    ]);
    for (const { region, imageId, memberId } of records.shares) {
      this.members.set(imageId, (this.members.get(imageId) ?? 0) + 1);
      if (region === place.region && memberId === place.account) this.sharedWithIt.add(imageId);
    }
  }

  build(): LineageGraph {
    const { images, instances, volumes, shares, exports } = this.records;
    const own = [
      ...images.filter((image) => this.isSeen(image)).map((image) => this.imageEntry(image)),
      ...this.ownOf(instances).map((instance) => this.instanceEntry(instance)),
      ...this.ownOf(volumes).map((volume) => this.volumeEntry(volume)),
      ...this.ownOf(shares).map((share) => this.shareEntry(share)),
      ...this.ownOf(exports).map((one) => this.exportEntry(one)),
    ];
    const known = new Map(own.map(({ node }) => [node.key, node]));
    for (const entry of own.sort((a, b) => a.sequence - b.sequence)) {
      this.addChain(entry.lineage, entry.node, known);
      this.nodes.set(entry.node.key, entry.node);
    }
    return { ...this.place, nodes: [...this.nodes.values()], edges: [...this.edges.values()] };
  }

  private ownOf<R extends { region: string; account: string }>(records: readonly R[]): R[] {
    const { region, account } = this.place;
    return records.filter((record) => record.region === region && record.account === account);
  }

  private isSeen({ id, region, account, visibility, status }: ImageRecord): boolean {
    if (visibility !== "private" || region !== this.place.region) return false;
    return account === this.place.account || (status === "active" && this.sharedWithIt.has(id));
  }

  /** From the root to what was made of it last, each step once. */
  private addChain(
    lineage: readonly LineageStep[],
    made: LineageNode,
    known: ReadonlyMap<string, LineageNode>,
  ): void {
    let maker: LineageNode | undefined;
    const foreign = this.foreignFrom(lineage, made);
    for (const [place, step] of [...lineage.entries()].reverse()) {
      const key = keyOf(step.type, step.id);
      const node = this.nodes.get(key) ?? known.get(key) ?? this.stepNode(step, place >= foreign);
      if (!this.nodes.has(key)) this.nodes.set(key, node);
      if (maker) this.connect(maker, node);
      maker = node;
    }
    if (maker) this.connect(maker, made);
  }

  /** Place of the first step that is known by another account's image alone: whether it still stands is theirs to know. */
  private foreignFrom(lineage: readonly LineageStep[], made: LineageNode): number {
    if (made.standing === "elsewhere") return 0;
    const place = lineage.findIndex(({ id }) => this.sharedWithIt.has(id));
    return place < 0 ? lineage.length : place + 1;
  }

  private connect(from: LineageNode, to: LineageNode): void {
    const key = `${from.key}\n${to.key}`;
    if (!this.edges.has(key)) this.edges.set(key, { from: from.key, to: to.key, how: this.how(from, to) });
  }

  private how(from: LineageNode, to: LineageNode): LineageEdge["how"] {
    if (from.kind !== "image" || to.kind !== "image") return to.kind;
    const source = this.images.get(to.id)?.source;
    if (source?.id !== from.id) return "image";
    return source.conversion ? "conversion" : "replica";
  }

  /** What isn't the account's own is told by what its lineage steps tell. */
  private stepNode({ type, id, name }: LineageStep, isForeign: boolean): LineageNode {
    const step = { key: keyOf(type, id), kind: type, id, name };
    if (type === "file") return { ...step, standing: "outside" };
    const image = type === "image" ? this.images.get(id) : undefined;
    if (image && image.visibility !== "private") {
      const { visibility, imageType, architectures } = image;
      return { ...step, name: image.name, standing: "offered", visibility, imageType, architectures };
    }
    return { ...step, standing: isForeign || image || this.standing.has(step.key) ? "elsewhere" : "gone" };
  }

  private imageEntry(image: ImageRecord) {
    const isOwn = image.account === this.place.account;
    const { imageType, architectures, quickProvisioning } = image;
    return entry("image", image, {
      standing: isOwn ? "here" : "elsewhere",
      visibility: isOwn ? "private" : "shared",
      ...{ imageType, architectures, quickProvisioning },
      members: isOwn ? (this.members.get(image.id) ?? 0) : undefined,
    });
  }

  private instanceEntry(instance: InstanceRecord) {
    return entry("instance", instance, { standing: "here", architectures: [instance.architecture] });
  }

  private volumeEntry(volume: VolumeRecord) {
    return entry("volume", volume, { standing: "here" });
  }

  private shareEntry({ id, memberId, imageId, sequence }: ShareRecord) {
    const node: LineageNode = {
      key: keyOf("share", id),
      kind: "share",
      id,
      name: memberId,
      standing: "here",
    };
    return { node, lineage: this.lineageThrough(imageId), sequence };
  }

  private exportEntry(record: ExportRecord) {
    const { fileFormat, bucketUrl, imageId } = record;
    const { node, sequence } = entry("export", { ...record, lineage: [] }, { standing: "here" });
    return { node: { ...node, fileFormat, bucketUrl }, lineage: this.lineageThrough(imageId), sequence };
  }

  /** An export may outlive its image. */
  private lineageThrough(imageId: string): LineageStep[] {
    const image = this.images.get(imageId);
    return [{ type: "image", id: imageId, name: image?.name }, ...(image?.lineage ?? [])];
  }
}

function entry(
  kind: LineageKind,
  record: Pick<Made, "id" | "name" | "lineage" | "sequence"> & { status: string; encrypted?: boolean },
  facts: Partial<LineageNode> & Pick<LineageNode, "standing">,
) {
  const { id, name, lineage, sequence, status, encrypted } = record;
  const creating = status === "creating" || undefined;
  const node: LineageNode = { key: keyOf(kind, id), kind, id, name, creating, encrypted, ...facts };
  return { node, lineage, sequence };
}

function keyOf(kind: LineageKind, id: string): string {
  return `${kind}:${id}`;
}

function reach(
  { edges }: LineageGraph,
  keys: readonly string[],
  at: "from" | "to",
  next: "from" | "to",
): Set<string> {
  const steps = new Map<string, string[]>();
  for (const edge of edges) {
    const there = steps.get(edge[at]);
    if (there) there.push(edge[next]);
    else steps.set(edge[at], [edge[next]]);
  }
  const reached = new Set(keys);
  for (const key of reached) for (const step of steps.get(key) ?? []) reached.add(step);
  return reached;
}

import { randomBytes } from "node:crypto";
import { BucketDiskStore, type BucketOptions } from "../../../../../provider/engine/disks/bucket-disk-store";
import type { ObjectDraft } from "../../../../../provider/engine/disks/bucket/content-index";
import { MemoryContentIndex } from "../../../../../provider/engine/disks/bucket/memory-content-index";
import { MemoryKeyService } from "../../../../../provider/engine/keys/memory-key-service";

/** What a process of its own is to upload. The key service and the index live in the process that starts it. */
export interface Upload {
  bucket: string;
  path: string;
  folder: string;
  draft: ObjectDraft;
  /** Hexadecimal: what the wrapped key stands for. */
  dataKey: string;
}

class GivenKey extends MemoryKeyService {
  constructor(private readonly dataKey: string) {
    super();
  }
  override async unwrap(): Promise<Buffer> {
    return Buffer.from(this.dataKey, "hex");
  }
}

/** A store that goes on with a content begun elsewhere. */
export async function storeOf(
  { bucket, folder, draft, dataKey }: Upload,
  more: Partial<BucketOptions> = {},
): Promise<{
  store: BucketDiskStore;
  index: MemoryContentIndex;
}> {
  const account = (id: string) => (id === "others" ? "other" : "acme");
  const index = new MemoryContentIndex((id) => ({ region: "north-1", account: account(id) }));
  await index.begin("d-1", draft);
  const options = { bucket, prefix: "", workFolder: folder, ...more };
  return { store: new BucketDiskStore(index, new GivenKey(dataKey), options), index };
}

/** Uploads, and says how far it is: a line each time that more is there; copies for another account, exports, and says what memory that took. */
async function main(upload: Upload): Promise<void> {
  const { store } = await storeOf(upload);
  // What is loaded for the first object isn't the upload's.
  await store.createBlank("first", 512, { key: randomBytes(32) });
  await store.remove("first");
  const before = process.memoryUsage().rss;
  let peak = before;
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10);
  await store.importFile({ path: upload.path, format: "raw", property: "diskFile" }, "d-1", {
    progress: (done) => process.stdout.write(`${done}\n`),
  });
  await store.copy("d-1", "others", { checksum: true });
  await store.exportFile("d-1", { path: `${upload.folder}/again.raw`, format: "raw" });
  clearInterval(watching);
  process.stdout.write(`grown by ${peak - before}\n`);
}

if (require.main === module) void main(JSON.parse(process.argv[2]!) as Upload);

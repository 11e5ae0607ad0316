import { link, unlink } from "node:fs/promises";
import { basename } from "node:path";
import { killPoint } from "../kill-points";
import { nameOf, type ContentFile, type ContentFiles, type ContentFormat } from "./content-files";
import type { DiskContent } from "./disk-store";
import { requireContentId } from "./external-contents";
import { FolderSync, publish, temporaryPath } from "./temporary-file";

const CANT_LINK = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EXDEV"];

/** Gives contents their names, durably: nothing stands under one that isn't whole. */
export class ContentNaming {
  private readonly names: FolderSync;

  constructor(private readonly contents: ContentFiles) {
    this.names = new FolderSync(contents.folder);
  }

  /** Has a content written beside, under the name given, and gives it its own when it is whole. */
  async put(
    doing: string,
    id: string,
    format: ContentFormat,
    write: (name: string) => Promise<DiskContent>,
    signal?: AbortSignal,
  ): Promise<DiskContent> {
    requireContentId(doing, id);
    await this.contents.prepare();
    await this.contents.requireFree(doing, id);
    const temporary = temporaryPath(this.contents.folder);
    try {
      const content = await write(basename(temporary));
      signal?.throwIfAborted();
      killPoint("content-written");
      await publish(temporary, this.contents.path(nameOf(id, format)), this.names);
      killPoint("content-named");
      return content;
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** Gives a content a second name; undefined where the file system can't, and a copy has to do. */
  async putAgain(doing: string, from: ContentFile, id: string): Promise<DiskContent | undefined> {
    const { name, format, virtualBytes, sizeBytes, isSealed } = from;
    await this.contents.requireFree(doing, id);
    try {
      await link(this.contents.path(name), this.contents.path(nameOf(id, format)));
    } catch (error) {
      if (isSealed || !CANT_LINK.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      return undefined;
    }
    await this.names.sync();
    killPoint("content-named");
    return { virtualBytes, sizeBytes };
  }
}

import type { KeyOwner } from "../keys/key-service";
import type { DiskFormat, ExportFormat } from "../model";

/** What a finished content is. */
export interface DiskContent {
  /** Virtual size, bytes. */
  virtualBytes: number;
  /** Bytes that it takes on disk; holes take none, and what it is based on isn't counted. */
  sizeBytes: number;
  /**
   * `sha256:<hex>`, only where it was asked for: of the whole virtual content, holes read as zeros; of a sealed
   * content, of its sealed file.
   */
  checksum?: string;
}

/** Called now and then while a copy runs. */
export type Progress = (doneBytes: number, totalBytes: number) => void;

/** 32 random bytes that a content is sealed with. It lives in memory only. */
export type DataKey = Buffer;

/** How a work that takes its time is watched. */
export interface Watch {
  progress?: Progress;
  /** Once it is aborted the work stops, and fails with a Fault whose cause is the signal's reason; nothing of it is left. */
  signal?: AbortSignal;
}

export interface CopyOptions extends Watch {
  /** The copy is grown with zeros to so many bytes, where that is more. */
  virtualBytes?: number;
  /** Take the checksum too: about a second for each 2 GiB, holes included. */
  checksum?: boolean;
  /** Data key that the source is sealed with; of no use where it isn't. */
  fromKey?: DataKey;
  /** Data key to seal the new content with; without one it isn't sealed. */
  key?: DataKey;
}

export interface ForeignFile {
  path: string;
  /** What it is said to be; it is refused where it isn't. */
  format: DiskFormat;
  /** The input that names it, for violations. */
  property: string;
}

/** A file to be written outside; nothing stands at the path yet. */
export interface ExportFile {
  path: string;
  /** What it is to be called in the end, which some formats have inside; default the path's last part. */
  name?: string;
  format: ExportFormat;
}

/** A content to be made of another one, or of zeros. */
export interface ContentRequest {
  id: string;
  owner: KeyOwner;
  /** What it is to read as; absent where that is zeros. */
  from?: string;
  /** Bytes that it has at least. */
  virtualBytes?: number;
  /** It holds only what will differ from what it reads as. */
  overlay?: boolean;
  checksum?: boolean;
}

/** A content of which nothing is missing but that the catalogue writes it down. */
export interface ForeseenContent extends DiskContent {
  id: string;
  from?: string;
  /** With `from`: the object that it was found to read from, null for zeros; by it a later look tells whether it still does. */
  objectId?: string | null;
}

/**
 * Port: contents of disks under IDs chosen by the caller. A content is there whole and durable, or not at all;
 * once put it doesn't change through this port (an instance's disk may be written by its VM).
 * Every failure is a Fault that says what was being done and what is left; a partial content is removed.
 */
export interface DiskStore {
  /** A content of zeros. */
  createBlank(id: string, virtualBytes: number, options?: { key?: DataKey }): Promise<DiskContent>;
  /** A content that stands by itself, whatever the source is based on. */
  copy(fromId: string, id: string, options?: CopyOptions): Promise<DiskContent>;
  /** A second name for a content that never changes again (an image's): no bytes are copied where the store can avoid it. */
  share(fromId: string, id: string, watch?: Watch): Promise<DiskContent>;
  /**
   * A content that reads as the base and holds only what will differ from it: made at once, whatever the size. The
   * base must never change again, and must stay as long as the overlay does: the caller sees to both. Not of a sealed
   * base.
   */
  overlay(baseId: string, id: string, options?: { virtualBytes?: number } & Watch): Promise<DiskContent>;
  /** `sha256:<hex>` of a whole content that isn't sealed. */
  checksum(id: string, watch?: Watch): Promise<string>;
  /**
   * What importing a disk file would make. Refuses (ViolationError on its `property`) what isn't there, isn't whole,
   * isn't of the format stated, or reaches for anything outside itself.
   */
  inspectFile(file: ForeignFile): Promise<{ virtualBytes: number }>;
  /** A copy of a disk file from outside; refuses as `inspectFile` does. */
  importFile(file: ForeignFile, id: string, options?: CopyOptions): Promise<DiskContent>;
  /** Writes a content that isn't sealed to a new file outside, whole or not at all; the checksum is of that file's bytes. */
  exportFile(id: string, file: ExportFile, watch?: Watch): Promise<{ sizeBytes: number; checksum: string }>;
  /**
   * What a content will be, where that is known without reading a byte, and making it takes no more than that the
   * catalogue writes it down; undefined where there is work to do. Only of a store whose contents the catalogue keeps.
   */
  foresee?(content: ContentRequest): Promise<ForeseenContent | undefined>;
  stat(id: string): Promise<{ virtualBytes: number; sizeBytes: number } | undefined>;
  /** IDs of all contents that the store holds. */
  list(): Promise<string[]>;
  /** Removing what isn't there does nothing. */
  remove(id: string): Promise<void>;
  /**
   * Names of what stands in the store and belongs to no content, whole or being made; only of a store that can tell.
   * What processes that died have left in folders isn't among it.
   */
  strays?(): Promise<string[]>;
  /** Removes those that are strays still. */
  removeStrays?(names: readonly string[]): Promise<void>;
  /** IDs of listed contents whose bytes are gone; only of a store that has the one apart from the other. */
  missing?(): Promise<string[]>;
}

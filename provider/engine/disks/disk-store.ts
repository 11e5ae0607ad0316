/** What a finished content is. */
export interface DiskContent {
  /** Virtual size, bytes. */
  virtualBytes: number;
  /** Bytes that it takes on disk; holes take none. */
  sizeBytes: number;
  /** `sha256:<hex>` of the whole virtual content, holes read as zeros; only where it was asked for. */
  checksum?: string;
}

/** Called now and then while a copy runs. */
export type Progress = (doneBytes: number, totalBytes: number) => void;

export interface CopyOptions {
  /** The copy is grown with zeros to so many bytes, where that is more. */
  virtualBytes?: number;
  /** Take the checksum in the same pass: about a second for each 2 GiB, holes included. */
  checksum?: boolean;
  progress?: Progress;
}

/**
 * Port: contents of disks under IDs chosen by the caller. A content is there whole and durable, or not at all;
 * once put it doesn't change through this port (an instance's disk may be written by its VM).
 * Every failure is a Fault that says what was being done and what is left; a partial content is removed.
 */
export interface DiskStore {
  /** A content of zeros. */
  createBlank(id: string, virtualBytes: number): Promise<DiskContent>;
  copy(fromId: string, id: string, options?: CopyOptions): Promise<DiskContent>;
  /** A second name for a content that never changes again (an image's): no bytes are copied where the store can avoid it. */
  share(fromId: string, id: string): Promise<DiskContent>;
  /** What importing a raw disk file would make. Refuses (ViolationError on `property`) what isn't there, isn't a file, or isn't raw. */
  inspectFile(path: string, property: string): Promise<{ virtualBytes: number }>;
  /** A copy of a raw disk file from outside; refuses as `inspectFile` does. */
  importFile(path: string, id: string, options: CopyOptions & { property: string }): Promise<DiskContent>;
  stat(id: string): Promise<{ virtualBytes: number; sizeBytes: number } | undefined>;
  /** Removing what isn't there does nothing. */
  remove(id: string): Promise<void>;
}

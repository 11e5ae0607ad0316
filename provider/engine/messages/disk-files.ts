import type { ForeignFile } from "../disks/disk-store";
import type { DiskFormat } from "../model";
import type { Violation } from "../violation";
import { violation } from "./words";

/* Disk files from outside that are refused. `part` is the field's name for what the file holds: "the L1 table". */

/** As qemu-img spells it. */
const QEMU: Record<DiskFormat, string> = {
  raw: "raw",
  qcow2: "qcow2",
  vmdk: "vmdk",
  vhd: "vpc",
  vhdx: "vhdx",
};
const NAME: Record<DiskFormat, string> = {
  raw: "raw",
  qcow2: "qcow2",
  vmdk: "VMDK",
  vhd: "VHD",
  vhdx: "VHDX",
};
const COPIED = "See that it was copied or downloaded to its end.";

function refused(file: ForeignFile, ...sentences: (string | false)[]): Violation {
  return violation(file.property, ...sentences);
}

function named(file: ForeignFile): string {
  return file.format === "raw" ? `The disk file ${file.path}` : `The ${NAME[file.format]} file ${file.path}`;
}

function giveFile(file: ForeignFile): string {
  return `Give the path of a ${NAME[file.format]} disk file.`;
}

/** Rewriting a file leaves out whatever else it held. */
function rewrite(file: ForeignFile): string {
  const format = QEMU[file.format];
  return `Where you trust it, write a copy that is whole by itself: qemu-img convert -f ${format} -O ${format} ${file.path} whole.${file.format}`;
}

export function diskFileAbsent(file: ForeignFile): Violation {
  return refused(file, `There is no file ${file.path}.`, giveFile(file));
}

export function diskFileUnreadable(file: ForeignFile, error: string): Violation {
  return refused(file, `The disk file ${file.path} can't be read: ${error}.`, "See that it may be read.");
}

export function diskFileIsFolder(file: ForeignFile): Violation {
  return refused(file, `${file.path} is a folder.`, giveFile(file));
}

export function diskFileIrregular(file: ForeignFile): Violation {
  return refused(file, `${file.path} isn't a regular file.`, giveFile(file));
}

export function diskFileEmpty(file: ForeignFile): Violation {
  return refused(file, `The disk file ${file.path} is empty.`, giveFile(file));
}

export function diskFileIsNoPath(file: ForeignFile, stated: string, scheme: string): Violation {
  return refused(
    file,
    `${stated} isn't the path of a file: what begins with ${scheme}: names a source elsewhere, and none is followed.`,
    "Download the disk and give the path of its file; a file of that very name is given as ./<name>.",
  );
}

export function diskFileChanged(file: ForeignFile): Violation {
  return refused(
    file,
    `The disk file ${file.path} was written to while it was read.`,
    "Stop what writes to it and run again.",
  );
}

export interface FoundFormat {
  name: string;
  /** The same as users state it; none where it can't be imported. */
  format?: DiskFormat;
  /** As qemu-img spells it; none where qemu-img can't read it. */
  qemu?: string;
  /** What to do where qemu-img is no help. */
  remedy?: string;
}

export function diskFileOfOtherFormat(file: ForeignFile, found: FoundFormat | undefined): Violation {
  const { path, format, property } = file;
  if (!found) {
    return refused(
      file,
      `The disk file ${path} isn't ${NAME[format]}: it doesn't begin as such a file does.`,
      `State fileFormat: "raw" if it is a raw disk, or see that it was downloaded whole.`,
    );
  }
  const what = `The disk file ${path} is ${found.name}, not ${NAME[format]}.`;
  // A `diskFile` is always raw: there is no format to state beside it.
  if (found.format && property !== "diskFile")
    return refused(file, what, `State fileFormat: "${found.format}".`);
  if (!found.qemu) return refused(file, what, found.remedy ?? "");
  if (found.qemu === QEMU[format]) return refused(file, what, rewrite(file));
  return refused(
    file,
    what,
    `Convert it first: qemu-img convert -f ${found.qemu} -O ${QEMU[format]} ${path} disk.${format}`,
  );
}

export function diskFileHasPartSector(file: ForeignFile, bytes: number, sector: number): Violation {
  return refused(
    file,
    `The disk file ${file.path} has ${bytes} bytes, which isn't a multiple of ${sector}: it isn't a whole ${NAME[file.format]} disk.`,
    COPIED,
  );
}

export function diskFilePartOutside(file: ForeignFile, part: string, bytes: number): Violation {
  return refused(
    file,
    `${named(file)} is cut off or damaged: ${part} lies beyond its end (it has ${bytes} bytes).`,
    COPIED,
  );
}

export function diskFilePartsOverlap(file: ForeignFile, part: string, other: string): Violation {
  return refused(
    file,
    `${named(file)} is damaged: ${part} lies on ${other}. What it would read as can't be told.`,
    "Give a sound copy.",
  );
}

export function diskFilePartUnsound(file: ForeignFile, part: string, problem: string): Violation {
  return refused(
    file,
    `${named(file)} is damaged or isn't understood: ${part} ${problem}.`,
    "Give a sound copy.",
  );
}

export function diskFileTooLargeInside(file: ForeignFile, virtualBytes: number, maxGib: number): Violation {
  return refused(
    file,
    `${named(file)} says that its disk has ${virtualBytes} bytes, and a disk has at most ${maxGib} GiB.`,
    "Give a smaller disk.",
  );
}

/** `what` and whose bytes would be read: "a backing file", "secret.raw". */
export function diskFileReachesOutside(file: ForeignFile, what: string, name = ""): Violation {
  return refused(
    file,
    `${named(file)} isn't whole by itself: it has ${what}${name && ` (${JSON.stringify(name)})`}, and no other file is read on its behalf.`,
    `${rewrite(file)}`,
  );
}

export function diskFileHoldsMore(file: ForeignFile, what: string): Violation {
  return refused(file, `${named(file)} holds ${what}, which an import can't keep.`, rewrite(file));
}

export function diskFileUnsupported(file: ForeignFile, what: string, remedy?: string): Violation {
  return refused(file, `${named(file)} ${what}.`, remedy ?? rewrite(file));
}

/** More of something than is looked at: looking takes bounded time and memory. */
export function diskFileHasTooMuch(file: ForeignFile, of: string): Violation {
  return refused(file, `${named(file)} has more ${of} than can be checked.`, rewrite(file));
}

export function qcow2Unclean(file: ForeignFile, state: "damaged" | "in use"): Violation {
  const why = state === "damaged" ? "is marked as damaged" : "wasn't closed in order, or is in use";
  return refused(
    file,
    `${named(file)} ${why}.`,
    `Stop what uses it, and where you trust it, repair a copy: qemu-img check -r all ${file.path}`,
  );
}

export function diskFileEncrypted(file: ForeignFile): Violation {
  return refused(
    file,
    `${named(file)} is encrypted, and its passphrase isn't asked for.`,
    "Give the disk unencrypted; what is made of it can be encrypted by a key of the account.",
  );
}

export function vhdxHasLog(file: ForeignFile): Violation {
  return refused(
    file,
    `${named(file)} wasn't closed in order: its log holds changes that aren't in it yet.`,
    `Attach it once to what wrote it and detach it; or, where you trust it: qemu-img check -r all ${file.path}`,
  );
}

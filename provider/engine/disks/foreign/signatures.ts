import * as say from "../../messages/disk-files";
import type { FoundFormat } from "../../messages/disk-files";
import type { ForeignDisk } from "./foreign-disk";
import { refusal } from "./foreign-disk";

export const SECTOR = 512;

interface Signature extends FoundFormat {
  magic: string;
  offset?: number;
}

const UNPACK = "Unpack it first and give the disk inside.";

const SIGNATURES: readonly Signature[] = [
  { name: "qcow2", format: "qcow2", qemu: "qcow2", magic: "QFI\xfb" },
  { name: "VMDK", format: "vmdk", qemu: "vmdk", magic: "KDMV" },
  { name: "a VMDK of an older kind", qemu: "vmdk", magic: "COWD" },
  { name: "a VMDK of the kind seSparse", qemu: "vmdk", magic: "\xbe\xba\xfe\xca\0\0\0\0" },
  {
    name: "a VMDK descriptor (the disk itself is in other files)",
    qemu: "vmdk",
    magic: "# Disk DescriptorFile",
  },
  { name: "VHDX", format: "vhdx", qemu: "vhdx", magic: "vhdxfile" },
  { name: "VHD", format: "vhd", qemu: "vpc", magic: "conectix" },
  { name: "VDI", qemu: "vdi", magic: "\x7f\x10\xda\xbe", offset: 64 },
  { name: "QED", qemu: "qed", magic: "QED\0" },
  { name: "Parallels", qemu: "parallels", magic: "WithoutFreeSpace" },
  { name: "Parallels", qemu: "parallels", magic: "WithouFreSpacExt" },
  { name: "LUKS", magic: "LUKS\xba\xbe", remedy: "Open it and give the raw disk inside." },
  { name: "gzip", magic: "\x1f\x8b\x08", remedy: UNPACK },
  { name: "xz", magic: "\xfd7zXZ\x00", remedy: UNPACK },
  { name: "zstd", magic: "\x28\xb5\x2f\xfd", remedy: UNPACK },
  { name: "bzip2", magic: "BZh", remedy: UNPACK },
];

/** A fixed VHD is raw data with a footer behind it. */
const VHD_FOOTER = "conectix";
const VHD: FoundFormat = { name: "VHD", format: "vhd", qemu: "vpc" };

/** Refuses a file that isn't of the format stated, by what it begins and ends with; raw is what nothing else is. */
export async function requireStatedFormat(disk: ForeignDisk): Promise<void> {
  const { file, bytes } = disk;
  const head = await disk.read(0, Math.min(SECTOR, bytes), "its first sector");
  const tail = await disk.read(Math.max(0, bytes - SECTOR), Math.min(SECTOR, bytes), "its last sector");
  const found = foundFormat(head, tail);
  if (found?.format === file.format || (!found && file.format === "raw")) return;
  throw refusal(say.diskFileOfOtherFormat(file, found));
}

function foundFormat(head: Buffer, tail: Buffer): FoundFormat | undefined {
  const found = SIGNATURES.find(({ magic, offset = 0 }) =>
    head.subarray(offset, offset + magic.length).equals(Buffer.from(magic, "latin1")),
  );
  if (found) return found;
  // Older tools write the footer a byte short.
  return [0, 1].includes(tail.indexOf(VHD_FOOTER, 0, "latin1")) ? VHD : undefined;
}

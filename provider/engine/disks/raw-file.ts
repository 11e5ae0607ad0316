import { open, stat } from "node:fs/promises";
import { ViolationError } from "../violation";

const SECTOR = 512;

interface Format {
  name: string;
  /** As `qemu-img` spells it; undefined for what it can't read. */
  qemu?: string;
  magic: string;
  offset: number;
}

/** What disk files that aren't raw begin with. */
const FORMATS: readonly Format[] = [
  { name: "qcow2", qemu: "qcow2", magic: "QFI\xfb", offset: 0 },
  { name: "VMDK", qemu: "vmdk", magic: "KDMV", offset: 0 },
  { name: "VMDK", qemu: "vmdk", magic: "COWD", offset: 0 },
  { name: "VMDK (a descriptor)", qemu: "vmdk", magic: "# Disk DescriptorFile", offset: 0 },
  { name: "VHDX", qemu: "vhdx", magic: "vhdxfile", offset: 0 },
  { name: "VHD", qemu: "vpc", magic: "conectix", offset: 0 },
  { name: "VDI", qemu: "vdi", magic: "\x7f\x10\xda\xbe", offset: 64 },
  { name: "LUKS", magic: "LUKS\xba\xbe", offset: 0 },
  { name: "gzip", magic: "\x1f\x8b\x08", offset: 0 },
  { name: "xz", magic: "\xfd7zXZ\x00", offset: 0 },
  { name: "zstd", magic: "\x28\xb5\x2f\xfd", offset: 0 },
  { name: "bzip2", magic: "BZh", offset: 0 },
];

/** A fixed VHD is raw data with a footer behind it. */
const VHD_FOOTER = "conectix";

/** Sees that a file from outside can be taken for a raw disk; throws ViolationError on `property` where it can't. */
export async function inspectRawFile(path: string, property: string): Promise<{ bytes: number }> {
  const refuse = (reason: string) => new ViolationError([{ property, reason }]);
  const { bytes } = await regularFile(path, refuse);
  const file = await open(path, "r").catch((error: Error) => {
    throw refuse(`The disk file ${path} can't be read: ${error.message}. See that it may be read.`);
  });
  try {
    const head = Buffer.alloc(SECTOR);
    await file.read(head, 0, SECTOR, 0);
    const tail = Buffer.alloc(SECTOR);
    await file.read(tail, 0, SECTOR, Math.max(0, bytes - SECTOR));
    const format = formatOf(head, tail);
    if (format) throw refuse(`The disk file ${path} is ${format.name}, not raw. ${remedy(format, path)}`);
    if (bytes % SECTOR !== 0) {
      throw refuse(
        `The disk file ${path} has ${bytes} bytes, which isn't a multiple of ${SECTOR}: it isn't a whole raw disk. ` +
          "See that it was copied or downloaded to its end.",
      );
    }
    return { bytes };
  } finally {
    await file.close();
  }
}

async function regularFile(path: string, refuse: (reason: string) => Error): Promise<{ bytes: number }> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(
      error.code === "ENOENT" || error.code === "ENOTDIR"
        ? `There is no file ${path}. Give the path of a raw disk file.`
        : `The disk file ${path} can't be read: ${error.message}. See that it may be read.`,
    );
  });
  if (found.isDirectory()) throw refuse(`${path} is a folder. Give the path of a raw disk file.`);
  if (!found.isFile()) throw refuse(`${path} isn't a regular file. Give the path of a raw disk file.`);
  if (found.size === 0) throw refuse(`The disk file ${path} is empty. Give the path of a raw disk file.`);
  return { bytes: found.size };
}

function formatOf(head: Buffer, tail: Buffer): Format | undefined {
  const found = FORMATS.find(({ magic, offset }) =>
    head.subarray(offset, offset + magic.length).equals(Buffer.from(magic, "latin1")),
  );
  if (found) return found;
  // Older tools write the footer a byte short.
  return [0, 1].includes(tail.indexOf(VHD_FOOTER, 0, "latin1"))
    ? { name: "VHD", qemu: "vpc", magic: VHD_FOOTER, offset: -SECTOR }
    : undefined;
}

function remedy(format: Format, path: string): string {
  if (format.qemu) {
    return `Convert it first: qemu-img convert -f ${format.qemu} -O raw ${path} disk.raw`;
  }
  return format.name === "LUKS"
    ? "Open it and give the raw disk inside."
    : "Unpack it first and give the raw disk inside.";
}

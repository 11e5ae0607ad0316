import type { VisibleImage } from "./engine";

type Cell = string | number | boolean | undefined;

/** Columns in their order; what comes later is added at the end, so that a reader by position keeps working. */
const COLUMNS: readonly (readonly [name: string, of: (seen: VisibleImage) => Cell])[] = [
  ["id", ({ image }) => image.id],
  ["name", ({ image }) => image.name],
  ["description", ({ image }) => image.description],
  ["region", ({ image }) => image.region],
  ["account", ({ image }) => image.account],
  ["visibility", ({ visibility }) => visibility],
  ["architectures", ({ image }) => image.architectures.join(" ")],
  ["imageType", ({ image }) => image.imageType],
  ["status", ({ image }) => image.status],
  ["osType", ({ image }) => image.os.osType],
  ["osName", ({ image }) => image.os.osName],
  ["osVersion", ({ image }) => image.os.osVersion],
  ["cpuArchitecture", ({ image }) => image.os.cpuArchitecture],
  ["minDisk", ({ image }) => image.minDisk],
  ["minRam", ({ image }) => image.minRam],
  ["maxRam", ({ image }) => image.maxRam],
  ["tags", ({ image }) => tagsJson(image.tags)],
  ["nicMultiqueue", ({ image }) => image.nicMultiqueue],
  ["sriovDriver", ({ image }) => image.sriovDriver],
  ["encrypted", ({ image }) => image.encrypted],
  ["kmsKeyId", ({ image }) => image.kmsKeyId],
  ["quickProvisioning", ({ image }) => image.quickProvisioning ?? false],
  ["deviceMappings", ({ image }) => devicesJson(image.deviceMappings)],
  ["sizeBytes", ({ image }) => image.sizeBytes],
  ["checksum", ({ image }) => image.checksum],
  ["createdAt", ({ image }) => image.createdAt],
];

/**
 * Images as a table by RFC 4180: a line of names, CRLF after every line, UTF-8. Oldest first, ties broken by ID, so
 * that rows that stay keep their order. Tags and device mappings are JSON. What a spreadsheet could take for a formula
 * gets a `'` before it (see `guarded`); numbers stay numbers.
 */
export function imagesCsv(images: readonly VisibleImage[]): string {
  const inOrder = [...images].sort(({ image: a }, { image: b }) =>
    a.createdAt === b.createdAt ? compare(a.id, b.id) : compare(a.createdAt, b.createdAt),
  );
  const rows = inOrder.map((seen) => COLUMNS.map(([, of]) => of(seen)));
  return csv([COLUMNS.map(([name]) => name), ...rows]);
}

/** Records of a table by RFC 4180. */
export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const text = guarded(cell);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Puts `'` where a cell begins with what spreadsheets take for a formula, `'` itself included, and the same after
 * characters at which some of them split a cell, whatever its quotes: semicolons, tabs and line breaks. Taking one `'`
 * away from each of these places gives the text back.
 */
function guarded(text: string): string {
  return text.replace(/(?<=^|[;\t\r\n])(?=\s*[=+\-@'\uff1d\uff0b\uff0d\uff20]|[\0\t\r\n])/g, "'");
}

function tagsJson(tags: Record<string, string>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => compare(a, b))));
}

function devicesJson(mappings: VisibleImage["image"]["deviceMappings"]): string {
  return JSON.stringify(mappings.map(({ device, kind, size }) => ({ device, kind, size })));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

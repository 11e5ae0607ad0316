import { expect } from "chai";
import fc from "fast-check";
import { csv, imagesCsv } from "../../../provider/engine/images-csv";
import type { ImageRecord } from "../../../provider/engine/model";
import { newImage } from "./catalog/records";

/** Fields by the grammar of RFC 4180; what it doesn't allow throws. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let rest = text;
  while (rest.length > 0) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
    if (!match) throw new Error(`no RFC 4180 at ${JSON.stringify(rest.slice(0, 40))}`);
    const [whole, quoted, plain, end] = match;
    row.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === "\r\n") {
      rows.push(row);
      row = [];
    }
    rest = rest.slice(whole.length);
  }
  if (row.length > 0) throw new Error("the last record has no line break");
  return rows;
}

const unguarded = (cell: string): string => cell.replace(/(?<=^|[;\t\r\n])'/g, "");

const seen = (id: string, given: Partial<ImageRecord> = {}) => ({
  image: {
    ...newImage(id, given),
    createdAt: "2026-01-01T00:00:00.000Z",
    sequence: 1,
    ...given,
  },
  visibility: "private" as const,
});

describe("images as CSV", () => {
  const cells: { says: string; cell: string | number | boolean | undefined; written: string }[] = [
    { says: "plain text as it is", cell: "golden", written: "golden" },
    { says: "nothing for what isn't there", cell: undefined, written: "" },
    { says: "a comma in quotes", cell: "a,b", written: '"a,b"' },
    { says: "quotes doubled, in quotes", cell: 'the "best"', written: '"the ""best"""' },
    { says: "a line break in quotes", cell: "a\nb", written: '"a\nb"' },
    { says: "a number as a number, a negative one too", cell: -5, written: "-5" },
    { says: "a truth value as a word", cell: false, written: "false" },
    { says: "text that only looks like a number as text", cell: "-5", written: "'-5" },
    { says: "a formula as text", cell: "=1+1", written: "'=1+1" },
    { says: "a command as text", cell: "+cmd|' /C calc'!A0", written: "'+cmd|' /C calc'!A0" },
    { says: "a function as text", cell: "@SUM(A1:A9)", written: "'@SUM(A1:A9)" },
    { says: "a formula after spaces as text", cell: "  =1", written: "'  =1" },
    { says: "a formula after a tab as text", cell: "\t=1", written: "\"'\t'=1\"" },
    { says: "a formula after a carriage return as text", cell: "\r=1", written: "\"'\r'=1\"" },
    { says: "a formula in full-width signs as text", cell: "\uff1d1+1", written: "'\uff1d1+1" },
    {
      says: "a formula after a semicolon, where a spreadsheet may split, as text",
      cell: "a;=1",
      written: '"a;\'=1"',
    },
    {
      says: "a formula on a later line as text",
      cell: "a\r\n=HYPERLINK(1)",
      written: "\"a\r'\n'=HYPERLINK(1)\"",
    },
    { says: "an apostrophe that was there, told from one put there", cell: "'=1", written: "''=1" },
    { says: "signs in the middle of text as they are", cell: "a-b=c", written: "a-b=c" },
  ];
  for (const { says, cell, written } of cells) {
    it(`writes ${says}`, () => expect(csv([[cell]])).to.equal(`${written}\r\n`));
  }

  it("reads back as what was written, whatever the texts, and no cell begins like a formula", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."=+-@'\";,\t\r\n a\0\uff1d") }),
      fc.string({ unit: "binary" }),
    );
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 5 }));
    fc.assert(
      fc.property(table, (rows) => {
        const read = parse(csv(rows));
        expect(read.map((row) => row.map(unguarded))).to.deep.equal(rows);
        for (const cell of read.flat()) {
          for (const part of cell.split(/[;\t\r\n]/)) expect(part).not.to.match(/^\s*[=+\-@\uff1d]/);
        }
      }),
    );
  });

  it("puts the oldest first and breaks ties by ID, whatever the order it is given", () => {
    const images = [seen("img-c"), seen("img-a"), seen("img-b", { createdAt: "2025-12-31T00:00:00.000Z" })];
    const order = (given: typeof images) => parse(imagesCsv(given)).map(([id]) => id);
    expect(order(images)).to.deep.equal(["id", "img-b", "img-a", "img-c"]);
    expect(order([...images].reverse())).to.deep.equal(order(images));
  });

  it("names each column once, and leaves out how data keys are wrapped", () => {
    const image = seen("img-a", {
      encrypted: true,
      kmsKeyId: "key-1",
      wrappedKey: "wrapped-secret",
      tags: { zone: "b", team: '=a"' },
    });
    const [names, row] = parse(imagesCsv([image])) as [string[], string[]];
    expect(new Set(names)).to.have.length(names.length);
    expect(row).to.have.length(names.length).and.not.include("wrapped-secret");
    const cell = (name: string) => unguarded(row[names.indexOf(name)]!);
    expect(cell("kmsKeyId")).to.equal("key-1");
    expect(cell("tags")).to.equal('{"team":"=a\\"","zone":"b"}');
    expect(JSON.parse(cell("deviceMappings"))).to.deep.equal([
      { device: "/dev/vda", kind: "imageFile", size: 20 },
    ]);
    expect(cell("minRam")).to.equal("");
  });

  it("has only its line of names where there are no images", () => {
    expect(parse(imagesCsv([]))).to.have.length(1);
  });
});

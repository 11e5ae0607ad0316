import { createColors } from "picocolors";
import { expect } from "chai";
import { displayWidth } from "../../../deployer/display/display-width";
import { lineageText } from "../../../cli/lineage/text";
import { emptyPicture, pictureOf, wholePicture } from "./pictures";

describe("the lineage as text", () => {
  it("is a tree from what was first to what came of it", () => {
    expect(lineageText(wholePicture())).to.equal(
      [
        "Lineage of account platform in region cn-north-1",
        "private images 4/5, snapshots 3/20, accepted shares 5/5, members of golden-cloud 2/5",
        "",
        "public system image CentOS 7.4 64-bit (img-pub-centos-7-4) localDisk",
        "└─ instance builder (i-1) localDisk",
        "   ├─ system image golden (img-1) localDisk",
        "   │  ├─ instance builder (i-1) localDisk (above)",
        "   │  └─ conversion: system image golden-cloud (img-2) cloudDisk",
        "   │     ├─ replica: system image golden-sealed (img-3) cloudDisk, encrypted",
        "   │     ├─ instance web (i-2) cloudDisk",
        "   │     ├─ export nightly (exp-1) qcow2, s3://backups/images",
        "   │     ├─ shared with web",
        "   │     └─ shared with data",
        "   └─ image old (img-0) gone",
        "      └─ instance from-old (i-3) localDisk",
        "",
        "file /disks/vendor appliance <2>.vmdk",
        "└─ volume records (vol-1)",
        "   └─ data image 网页服务器-黄金镜像-二零二六年十一月版本 (img-4) localDisk, being made",
        "",
        "instance theirs-builder (i-9) of another account",
        "└─ shared system image theirs (img-5) of another account, localDisk",
        "",
      ].join("\n"),
    );
  });

  it("goes on below, within the tree's lines, where the terminal is narrow", () => {
    const narrow = lineageText(wholePicture(), { width: 60 }).split("\n");
    for (const line of narrow) expect(displayWidth(line), line).to.be.at.most(60);
    const at = narrow.findIndex((line) => line.includes("golden-cloud (img-2)"));
    expect(narrow.slice(at, at + 3)).to.deep.equal([
      "   │  └─ conversion: system image golden-cloud (img-2)",
      "   │     │  cloudDisk",
      "   │     ├─ replica: system image golden-sealed (img-3)",
    ]);
  });

  it("takes no more columns with colours than without, and says the same", () => {
    const picture = wholePicture();
    const coloured = lineageText(picture, { width: 50, colors: createColors(true) });
    expect(coloured).to.include("\u001b[1m");
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/g, "")).to.equal(lineageText(picture, { width: 50 }));
  });

  it("lets no name move the cursor or begin a line", () => {
    const text = lineageText(pictureOf("a\u001b[2J\nb\u202e\u2028c"));
    expect(text).to.include("a\ufffd[2J\ufffdb\ufffd\ufffdc");
  });

  it("says that there is nothing yet", () => {
    expect(lineageText(emptyPicture())).to.match(/Nothing is made here yet\.\n$/);
  });

  const widths: [text: string, columns: number][] = [
    ["golden", 6],
    ["黄金", 4],
    ["ｆｕｌｌ", 8],
    ["한글", 4],
    ["e\u0301", 1],
    ["\u001b[1mbold\u001b[22m", 4],
  ];
  for (const [text, columns] of widths) {
    it(`takes ${JSON.stringify(text)} for ${columns} columns wide`, () => {
      expect(displayWidth(text)).to.equal(columns);
    });
  }
});

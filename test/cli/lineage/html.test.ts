import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { lineageHtml } from "../../../cli/lineage/html";
import type { LineagePicture } from "../../../cli/lineage/words";
import { Browser, browserCommand } from "../../support/browser";
import type { Visit, VisitOptions } from "../../support/browser";
import { emptyPicture, pictureOf, wholePicture } from "./pictures";

const HOSTILE = `"><script>document.title='taken'</script><img src=x onerror=alert(1)>&amp;'`;

describe("the lineage as a page", () => {
  it("holds no script and names nothing outside itself", () => {
    const page = lineageHtml(wholePicture());
    expect(page).not.to.match(/<script|<link[^>]+href="(?!data:)|@import|url\(|\son\w+=/i);
    const addresses = page.match(/(?:src|href|xmlns)="[^"]*"/g);
    expect(new Set(addresses)).to.deep.equal(
      new Set(['href="data:,"', 'xmlns="http://www.w3.org/1999/xhtml"']),
    );
  });

  it("escapes every name", () => {
    const picture = pictureOf(HOSTILE);
    picture.graph.account = HOSTILE;
    const page = lineageHtml(picture);
    expect(page).not.to.include("<script").and.not.include("<img").and.not.include('"&gt;<');
    expect(page).to.include("&lt;script&gt;");
  });

  it("says that there is nothing yet", () => {
    expect(lineageHtml(emptyPicture())).to.include("Nothing is made here yet.").and.not.include("<svg");
  });

  it("is the same page for the same lineage", () => {
    expect(lineageHtml(wholePicture())).to.equal(lineageHtml(wholePicture()));
  });
});

interface Bar {
  label: string;
  says: string;
  share: number;
  colour: string;
}

const BARS = `[...document.querySelectorAll("[role=meter]")].map((bar) => ({
  label: bar.getAttribute("aria-label"),
  says: bar.getAttribute("aria-valuetext"),
  share: bar.firstElementChild.getBoundingClientRect().width / bar.getBoundingClientRect().width,
  colour: getComputedStyle(bar.firstElementChild).backgroundColor,
}))`;

/** The page in a real browser. */
describe("the lineage's page in a browser", function () {
  let browser: Browser;
  let folder: string;
  before(async function () {
    if (browserCommand === undefined) return this.skip();
    folder = await mkdtemp(join(tmpdir(), "images-lineage-"));
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const visit = async <T>(
    picture: LineagePicture,
    expression: string,
    options: VisitOptions = { width: 1280 },
  ): Promise<Visit<T>> => {
    const file = join(folder, "lineage page.html");
    await writeFile(file, lineageHtml(picture));
    return browser.visit<T>(pathToFileURL(file).href, expression, options);
  };
  const quiet = ({ console, requests }: Visit<unknown>): void => {
    expect(console).to.deep.equal([]);
    expect(requests.filter((url) => !url.startsWith("data:"))).to.have.length(1);
  };

  it("draws the quotas as bars, each as long as its share", async () => {
    const found = await visit<Bar[]>(wholePicture(), BARS);
    quiet(found);
    const bars = new Map(found.result.map((bar) => [bar.label, bar]));
    expect([...bars.keys()].slice(0, 3)).to.deep.equal(["private images", "snapshots", "accepted shares"]);
    for (const [label, says, share] of [
      ["private images", "4 of 5", 0.8],
      ["snapshots", "3 of 20", 0.15],
      ["accepted shares", "5 of 5", 1],
      ["members of golden", "0 of 5", 0],
      ["members of golden-cloud", "2 of 5", 0.4],
    ] as const) {
      expect(bars.get(label)?.says, label).to.equal(says);
      expect(bars.get(label)?.share, label).to.be.closeTo(share, 0.01);
    }
    const colours = ["private images", "snapshots", "accepted shares"].map(
      (label) => bars.get(label)?.colour,
    );
    expect(colours[0]).to.equal(colours[1]).and.not.equal(colours[2]);
  });

  it("fills a bar to its end and no further where more is used than the limit is now", async () => {
    const limits = { privateImages: { used: 7, limit: 5 }, snapshots: { used: 0, limit: 0 } };
    const { result } = await visit<Bar[]>(pictureOf("golden", limits), BARS);
    expect(result.slice(0, 2).map(({ says, share }) => [says, share])).to.deep.equal([
      ["7 of 5", 1],
      ["0 of 0", 1],
    ]);
  });

  it("draws every node in its own place, with its whole name to read", async () => {
    const picture = wholePicture();
    const expression = `[...document.querySelectorAll("svg .node")].map((node) => {
      const { x, y } = node.querySelector(".box").getBoundingClientRect();
      return { place: x + "/" + y, title: node.querySelector("title").textContent };
    })`;
    const { result } = await visit<{ place: string; title: string }[]>(picture, expression);
    const { nodes } = picture.graph;
    expect(new Set(result.map(({ place }) => place))).to.have.length(nodes.length);
    for (const { name, id } of nodes) {
      expect(
        result.some(({ title }) => title.includes(name ?? id)),
        id,
      ).to.equal(true);
    }
  });

  it("tells by title, language and roles what it is, and says the picture again as a list", async () => {
    const picture = wholePicture();
    const expression = `({
      title: document.title,
      lang: document.documentElement.lang,
      heading: document.querySelectorAll("h1").length,
      picture: document.querySelector("svg[role=img]").getAttribute("aria-labelledby").split(" ")
        .every((id) => document.getElementById(id)?.textContent),
      list: document.querySelector(".tree").textContent,
      focusable: document.querySelector(".picture").tabIndex,
    })`;
    const { result } = await visit<Record<string, unknown>>(picture, expression);
    expect(result).to.deep.include({
      title: "Lineage of account platform in region cn-north-1",
      lang: "en",
      heading: 1,
      picture: true,
      focusable: 0,
    });
    for (const { name, id } of picture.graph.nodes) expect(result.list).to.include(name ?? id);
  });

  it("fits a narrow window: the picture alone moves sideways, and no text runs out of its box", async () => {
    for (const width of [360, 800]) {
      const expression = `({
        page: document.documentElement.scrollWidth,
        words: [...document.querySelectorAll(".node foreignObject > div, .label span")]
          .filter((word) => word.scrollHeight > word.clientHeight + 1).length,
        boxes: [...document.querySelectorAll(".node")].filter((node) => {
          const box = node.querySelector(".box").getBoundingClientRect();
          const words = node.querySelector("foreignObject > div").getBoundingClientRect();
          return words.bottom > box.bottom || words.right > box.right;
        }).length,
      })`;
      const { result } = await visit<Record<string, number>>(wholePicture(), expression, { width });
      expect(result.page, String(width)).to.be.at.most(width);
      expect(result.words).to.equal(0);
      expect(result.boxes).to.equal(0);
    }
  });

  it("is dark where the reader's system is, with text to read in both", async () => {
    const expression = `(() => {
      const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => {
          const value = part / 255;
          return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const page = light(getComputedStyle(document.body).backgroundColor);
      const contrasts = ["body", "p", ".kind", ".used", ".node .name", ".node .small"].map((selector) => {
        const ink = light(getComputedStyle(document.querySelector(selector)).color);
        return (Math.max(ink, page) + 0.05) / (Math.min(ink, page) + 0.05);
      });
      return { page, contrast: Math.min(...contrasts) };
    })()`;
    type Found = { page: number; contrast: number };
    const light = await visit<Found>(wholePicture(), expression, { width: 1280, scheme: "light" });
    const dark = await visit<Found>(wholePicture(), expression, { width: 1280, scheme: "dark" });
    expect(light.result.page).to.be.above(0.8);
    expect(dark.result.page).to.be.below(0.1);
    for (const { result } of [light, dark]) expect(result.contrast).to.be.at.least(4.5);
  });

  it("runs nothing that a name says", async () => {
    const picture = pictureOf(HOSTILE);
    const found = await visit<string>(picture, `document.title + " " + document.images.length`);
    quiet(found);
    expect(found.result).to.equal("Lineage of account platform in region cn-north-1 0");
  });
});

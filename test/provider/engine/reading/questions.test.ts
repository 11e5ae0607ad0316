import { expect } from "chai";
import type { CatalogView } from "../../../../provider/engine/catalog/catalog";
import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import { Questions } from "../../../../provider/engine/reading/questions";

describe("Questions to a catalogue", () => {
  let catalog: MemoryCatalog;
  let reads: number;
  let questions: Questions;
  const learned: unknown[] = [];
  const learn = (answer: unknown) => void learned.push(answer);
  const count = (account: string) => (view: CatalogView) => view.privateImageCount("local", account);

  beforeEach(() => {
    catalog = new MemoryCatalog();
    const read = catalog.read.bind(catalog);
    reads = 0;
    learned.length = 0;
    catalog.read = (work) => {
      reads++;
      return read(work);
    };
    questions = new Questions(catalog);
  });

  it("are put together where they are asked in one tick, and answered to each", async () => {
    await Promise.all([questions.once("a", count("a"), learn), questions.once("b", async () => "b", learn)]);
    expect(reads).to.equal(1);
    expect(learned).to.deep.equal([0, "b"]);
  });

  it("are put once, while they are being answered and ever after", async () => {
    await Promise.all([questions.once("a", count("a"), learn), questions.once("a", count("a"), learn)]);
    await questions.once("a", count("a"), learn);
    expect(reads).to.equal(1);
    expect(learned).to.deep.equal([0]);
  });

  it("are settled once those are answered too that an answer gave rise to", async () => {
    void questions.once("a", count("a"), () => void questions.once("b", count("b"), learn));
    await questions.settled();
    expect([reads, learned]).to.deep.equal([2, [0]]);
  });

  it("are put again where they weren't answered, and what went wrong is told to whoever asked", async () => {
    const { read } = catalog;
    catalog.read = () => Promise.reject(new Error("no connection"));
    const failed = await questions.once("a", count("a"), learn).catch((error: Error) => error.message);
    expect(failed).to.equal("no connection");
    catalog.read = read;
    await questions.once("a", count("a"), learn);
    expect(learned).to.deep.equal([0]);
  });
});

import { SqliteCatalog } from "../../../../provider/engine/catalog/sqlite-catalog";
import { newImage } from "./records";

/** What a process of its own does with a catalogue, for tests that need several. Answers in one line of JSON. */
const tasks: Record<string, (catalog: SqliteCatalog, ...args: string[]) => Promise<unknown>> = {
  /** Takes a place in the quota as often as asked while there are any. */
  async take(catalog, attempts, places) {
    let taken = 0;
    for (let attempt = 0; attempt < Number(attempts); attempt++) {
      await catalog.transaction(async (tx) => {
        if ((await tx.privateImageCount("local", "default")) >= Number(places)) return;
        await tx.insert("image", newImage(`img-${process.pid}-${attempt}`));
        taken++;
      });
    }
    return taken;
  },

  /** Starts a creation and never ends it. */
  async hang(catalog, id) {
    await catalog.transaction((tx) => tx.insert("image", newImage(id!, { status: "creating" })));
    setInterval(() => undefined, 1000);
    return "creating";
  },

  async readThenWrite(catalog) {
    const { images } = await catalog.snapshot();
    const failure = await catalog
      .transaction((tx) => tx.insert("image", newImage("img-new")))
      .then(
        () => "",
        (error: Error) => `${error.name}: ${error.message}`,
      );
    return { private: images.filter((image) => image.account).map((image) => image.id), failure };
  },
};

async function main([file, task, ...args]: string[]): Promise<void> {
  const catalog = new SqliteCatalog(file!);
  const answer = await tasks[task!]!(catalog, ...args);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  if (task !== "hang") await catalog.close();
}

if (require.main === module) void main(process.argv.slice(2));

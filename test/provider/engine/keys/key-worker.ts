import { once } from "node:events";
import { FolderKeyService } from "../../../../provider/engine/keys/folder-key-service";

/** What a process of its own does with a folder of keys, for tests that need several. Answers in one line of JSON. */
const tasks: Record<string, (keys: FolderKeyService, ...args: string[]) => Promise<unknown>> = {
  /** Waits for a word on standard input, so that all of several processes begin at once. */
  async default(keys) {
    process.stdout.write("ready\n");
    await once(process.stdin, "data");
    process.stdin.pause();
    const { id } = await keys.defaultKey({ region: "local", account: "default" });
    const { dataKey, wrappedKey } = await keys.generateDataKey(id);
    return { id, wrappedKey, dataKey: dataKey.toString("hex") };
  },

  /** Rotates for ever, to be killed. */
  async rotate(keys, id) {
    process.stdout.write("rotating\n");
    for (;;) await keys.rotate(id!);
  },
};

async function main([folder, task, ...args]: string[]): Promise<void> {
  const answer = await tasks[task!]!(new FolderKeyService(folder!), ...args);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

if (require.main === module) void main(process.argv.slice(2));

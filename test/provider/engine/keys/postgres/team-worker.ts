import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { openKeyVault } from "../../../../../provider/engine/keys/open-key-vault";
import { PostgresKeyService } from "../../../../../provider/engine/keys/postgres-key-service";

const ROUNDS = 12;

/**
 * Wraps, rotates and wraps anew with an account's default key, in a process of its own. Ends with the key's ID, or
 * with what has failed.
 */
async function main([endpoint, keysUrl]: string[]): Promise<void> {
  const database = new PostgresDatabase(endpoint!);
  const keys = new PostgresKeyService(database, openKeyVault(keysUrl!));
  const { id } = await keys.defaultKey({ region: "local", account: "default" });
  const made: { dataKey: Buffer; wrappedKey: string }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    made.push(await keys.generateDataKey(id));
    if (round % 4 === 0) await keys.rotate(id);
    for (const one of made) one.wrappedKey = await keys.rewrap(one.wrappedKey);
    const opened = await Promise.all(made.map(({ wrappedKey }) => keys.unwrap(wrappedKey)));
    if (!opened.every((key, at) => key.equals(made[at]!.dataKey)))
      throw new Error("another data key came out");
  }
  await keys.close();
  await database.close();
  process.stdout.write(id);
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    process.stdout.write(error.message);
    process.exitCode = 1;
  });
}

import type { Command } from "commander";
import { addKeyChanges } from "./change";
import { addKeysCreate } from "./create";
import { addKeysDelete } from "./delete";
import { addKeysList } from "./list";
import { addKeysRotate } from "./rotate";

/** `images keys …`: the account's master keys in a region. */
export function addKeys(program: Command): void {
  const keys = program.command("keys").description("the account's master keys, which encrypt its images");
  for (const add of [addKeysList, addKeysCreate, addKeysRotate, addKeyChanges, addKeysDelete]) add(keys);
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import type { Command } from "commander";
import { createProgram } from "../../cli/program";
import { describeWith } from "../support/tools";

const execute = promisify(execFile);

/** Commands that the Pulumi CLI has too, by their words. */
const SHARED = ["preview", "up", "refresh", "destroy", "stack", "config"];

/** `-s` → `--stack`, of the Pulumi CLI's help. */
async function cliOptions(words: string[]): Promise<Map<string, string>> {
  const { stdout } = await execute("pulumi", [...words, "--help"]);
  return new Map([...stdout.matchAll(/^ +(-\w), (--[\w-]+)/gm)].map(([, short, long]) => [short!, long!]));
}

function leaves(command: Command, words: string[]): { command: Command; words: string[] }[] {
  return [{ command, words }, ...command.commands.flatMap((it) => leaves(it, [...words, it.name()]))];
}

describeWith(["pulumi"], "the short options of", () => {
  const shared = createProgram().commands.filter((it) => SHARED.includes(it.name()));
  for (const { command, words } of shared.flatMap((it) => leaves(it, [it.name()]))) {
    it(`images ${words.join(" ")} mean nothing else in the Pulumi CLI`, async () => {
      const theirs = await cliOptions(words);
      for (const { short, long } of command.options)
        if (short && theirs.has(short))
          expect(`${short}, ${long}`).to.equal(`${short}, ${theirs.get(short)}`);
    });
  }
});

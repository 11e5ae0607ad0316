import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { version } from "@pulumi/random/package.json";

/** Pulumi's home on this machine. */
export const pulumiHome = process.env.PULUMI_HOME ?? path.join(homedir(), ".pulumi");

/** Pulumi's own random plugin of the version that the tests' SDK asks for, where it is installed. */
export function randomPlugin(): string | undefined {
  const plugins = path.join(pulumiHome, "plugins");
  const names = existsSync(plugins) ? readdirSync(plugins) : [];
  return names
    .filter((name) => name === `resource-random-v${version}`)
    .map((name) => path.join(plugins, name, "pulumi-resource-random"))
    .find(existsSync);
}

import type { Command } from "commander";
import { addRegionApply } from "./region-apply";
import { addRegionCopy } from "./region-copy";
import { addRegionDoctor } from "./region-doctor";
import { addRegionKeys } from "./region-keys";

/** `images region …`: for the operator of a team's region. */
export function addRegion(program: Command): void {
  const region = program.command("region").description("set up a team's region, as its operator");
  for (const add of [addRegionApply, addRegionCopy, addRegionKeys, addRegionDoctor]) add(region);
}

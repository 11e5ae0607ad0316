import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfiguredRegion } from "../provider/lifecycle/configured-region";
import type { Properties } from "../provider/lifecycle/lifecycle";
import { instance } from "../provider/lifecycle/instance";
import { privateImage } from "../provider/lifecycle/private-image";
import { ResourceLifecycle } from "../provider/lifecycle/resource-lifecycle";
import type { Figure } from "./figure";
import { figure, median } from "./figure";

const RESOURCES = 1000;
const ROUNDS = 5;
const BUILDER = "urn:pulumi:stack::project::pulumi-nodejs:dynamic/images:Instance::builder";

/** check and diff of images that stand, in a provider process that has met them all; a run is a new plan. */
export async function checkDiff(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "images-bench-"));
  try {
    writeFileSync(join(folder, "region.yaml"), ROOM_FOR_ALL);
    const run = await unchangedRuns(folder);
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await run());
    return [
      figure(
        "check + diff in the provider",
        100,
        median(rounds),
        "µs",
        `${RESOURCES} images, median of ${ROUNDS} runs`,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the operator's file has to say. */
export const ROOM_FOR_ALL = `quotas: { privateImages: ${RESOURCES + 1}, snapshots: ${RESOURCES + 1} }\n`;

/** Makes all images in a region, which gives a run over them that changes nothing: microseconds a resource. */
export async function unchangedRuns(endpoint: string): Promise<() => Promise<number>> {
  const states = await create(endpoint);
  return () => unchangedRun(endpoint, states);
}

interface State {
  id: string;
  args: Properties;
  inputs: Properties;
  outputs: Properties;
}

function open(endpoint: string): ConfiguredRegion {
  const region = new ConfiguredRegion();
  region.configure({ "images:endpoint": endpoint });
  return region;
}

async function create(endpoint: string): Promise<State[]> {
  const region = open(endpoint);
  const builders = new ResourceLifecycle(region, instance);
  const checked = await builders.check(
    {},
    {
      declaredBy: BUILDER,
      imageId: "img-pub-ubuntu-16-04",
      systemDisk: { type: "localDisk" },
    },
  );
  const builder = await builders.create(checked.inputs);
  const images = new ResourceLifecycle(region, privateImage);
  const states: State[] = [];
  for (let index = 0; index < RESOURCES; index++) {
    const name = `golden-${index}`;
    const args = {
      declaredBy: `urn:pulumi:stack::project::pulumi-nodejs:dynamic/images:PrivateImage::${name}`,
      instanceId: builder.id,
      instanceDeclaredBy: BUILDER,
      description: "ours",
      tags: { team: "web", index: String(index) },
    };
    const { inputs } = await images.check({}, args);
    const { id, outputs } = await images.create(inputs);
    states.push({ id, args, inputs, outputs: JSON.parse(JSON.stringify(outputs)) as Properties });
  }
  await region.close();
  return states;
}

async function unchangedRun(endpoint: string, states: readonly State[]): Promise<number> {
  const region = open(endpoint);
  const images = new ResourceLifecycle(region, privateImage);
  await region.engine();
  const [first] = states as [State];
  await images.check(first.inputs, first.args);
  const start = process.hrtime.bigint();
  for (const { id, args, inputs, outputs } of states) {
    const checked = await images.check(inputs, args);
    const { changes } = images.diff(id, outputs, checked.inputs);
    if (changes || checked.violations.length > 0) throw new Error("an unchanged image has changed");
  }
  const microseconds = Number(process.hrtime.bigint() - start) / 1000 / states.length;
  await region.close();
  return microseconds;
}

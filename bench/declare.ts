import { execFileSync } from "node:child_process";
import type * as Pulumi from "@pulumi/pulumi";
import type * as Sdk from "../sdk";
import type { Figure } from "./figure";
import { figure, median } from "./figure";

const RESOURCES = 2000;
const WARM_UP = 300;

const INPUTS = { instanceId: "i-1", name: "golden", description: "ours", minDisk: 40, tags: { team: "web" } };

/**
 * What declaring a resource costs a program, under Pulumi's mocks and with positions mapped as Pulumi's runner does:
 * a PrivateImage against a plain dynamic resource with the same inputs. Each in processes of its own, in pairs.
 */
export function declare(): Figure[] {
  const pairs = [1, 2, 3, 4, 5].map(() => ({ plain: measured("plain"), ours: measured("ours") }));
  const ratio = median(pairs.map(({ plain, ours }) => ours / plain));
  const [plain, ours] = [median(pairs.map((pair) => pair.plain)), median(pairs.map((pair) => pair.ours))];
  return [
    figure(
      "declaring one resource, against a plain pulumi.dynamic.Resource",
      0.5,
      ratio,
      "×",
      `${ours.toFixed(2)} ms against ${plain.toFixed(2)} ms, median of 5 pairs`,
    ),
  ];
}

function measured(which: "plain" | "ours"): number {
  return Number(execFileSync(process.execPath, [__filename, which], { encoding: "utf8" }));
}

/** Milliseconds a resource, from its constructor until all are registered. */
async function measure(which: string): Promise<number> {
  require(require.resolve("source-map-support/register", { paths: [require.resolve("@pulumi/pulumi")] }));
  const pulumi: typeof Pulumi = require("@pulumi/pulumi");
  const { PrivateImage }: typeof Sdk = require("../sdk");
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: () => ({}),
  });
  const provider = { create: async (inputs: object) => ({ id: "id", outs: inputs }) };
  class Plain extends pulumi.dynamic.Resource {
    constructor(name: string, args: object) {
      super(provider, name, { ...args }, undefined, "images", "PrivateImage");
    }
  }
  const one = which === "plain" ? Plain : PrivateImage;
  const declareMany = async (count: number, prefix: string) => {
    const resources = Array.from(
      { length: count },
      (_, index) => new one(`${prefix}-${index}`, { ...INPUTS }),
    );
    await Promise.all(resources.map((resource) => new Promise((resolve) => resource.urn.apply(resolve))));
  };
  await declareMany(WARM_UP, "warm-up");
  const start = process.hrtime.bigint();
  await declareMany(RESOURCES, "measured");
  return Number(process.hrtime.bigint() - start) / 1e6 / RESOURCES;
}

if (require.main === module) {
  void measure(process.argv[2]!).then((milliseconds) => console.log(milliseconds));
}

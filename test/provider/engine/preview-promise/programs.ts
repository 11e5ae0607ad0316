import fc from "fast-check";
import type { Architecture, DiskFormat, ImageType } from "../../../../provider/engine/model";

/** What a random program says of an image that it makes of something else. */
export interface ImageStep {
  kind: "image";
  from: number;
  account: string;
  imageType?: ImageType;
  device?: string;
  statesOs?: boolean;
  encrypted?: boolean;
  fileFormat?: DiskFormat;
  stated?: Architecture;
  minDisk?: number;
}

/** One declaration of a random program. Numbers choose among what the program declares before it. */
export type Step =
  | {
      kind: "instance";
      from: number;
      type: Architecture;
      size: number;
      dataDisks: number[];
      account: string;
    }
  | { kind: "volume"; from: number; size?: number; account: string }
  | ImageStep
  | { kind: "conversion"; from: number; account: string }
  | { kind: "replica"; from: number; encrypted?: boolean; quick?: boolean; account: string }
  | { kind: "share"; from: number; member: string; account: string };
export type StepKind = Step["kind"];

/** Names of disk files that a program may name: one that is sound, one that is refused, one that isn't there. */
export const FILES = ["sound.raw", "unsound.raw", "missing.raw"];

const account = fc.oneof(
  { arbitrary: fc.constant("default"), weight: 9 },
  { arbitrary: fc.constant("team-1"), weight: 1 },
);
const type = fc.constantFrom<Architecture>("localDisk", "cloudDisk");
const from = fc.nat({ max: 7 });
/** Mostly absent. */
const rarely = <T>(...values: T[]) =>
  fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 9 },
    { arbitrary: fc.constantFrom(...values), weight: 1 },
  );

const instance = fc.record({
  kind: fc.constant("instance" as const),
  from,
  type,
  size: fc.constantFrom(20, 20, 40),
  dataDisks: fc.constantFrom<number[]>([], [], [1], [1, 2]),
  account,
});
const volume = fc.record({
  kind: fc.constant("volume" as const),
  from,
  size: fc.constantFrom(undefined, 1, 2, 2),
  account,
});
/** Such as make sense of one source or another, and a little noise. */
const kindOfImage = fc.constantFrom<Partial<ImageStep>>(
  {},
  {},
  { imageType: "full" },
  { imageType: "full" },
  { imageType: "data", device: "/dev/vdb" },
  { imageType: "data", device: "/dev/vdc" },
  { imageType: "data" },
  { imageType: "system", statesOs: true },
  { device: "/dev/vdb" },
);
const image: fc.Arbitrary<Step> = fc
  .record({
    from,
    kind: kindOfImage,
    encrypted: rarely(true, false),
    fileFormat: rarely<DiskFormat>("raw", "qcow2"),
    stated: rarely<Architecture>("localDisk", "cloudDisk"),
    minDisk: rarely(40),
    account,
  })
  .map(({ kind, ...rest }) => ({ ...rest, ...kind, kind: "image" }));
const conversion = fc.record({ kind: fc.constant("conversion" as const), from, account });
const replica = fc.record({
  kind: fc.constant("replica" as const),
  from,
  encrypted: fc.constantFrom(undefined, true, true, false),
  quick: rarely(true),
  account,
});
const share = fc.record({
  kind: fc.constant("share" as const),
  from,
  member: fc.constantFrom("team-1", "team-2", "team-3"),
  account,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: instance, weight: 3 },
  { arbitrary: volume, weight: 2 },
  { arbitrary: image, weight: 6 },
  { arbitrary: conversion, weight: 2 },
  { arbitrary: replica, weight: 2 },
  { arbitrary: share, weight: 3 },
);
const machines: Step[] = [
  { kind: "instance", from: 0, type: "localDisk", size: 20, dataDisks: [1], account: "default" },
  { kind: "instance", from: 0, type: "cloudDisk", size: 20, dataDisks: [], account: "default" },
];

export const program = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 10 }).map((steps) => [...machines, ...steps]),
  /** The second version: a step of the same kind takes its place, one of another kind drops it. */
  edits: fc.array(fc.option(step, { freq: 2 }), { maxLength: 12 }),
  additions: fc.array(step, { maxLength: 5 }),
  /** The kinds whose resources say so. */
  deleteBeforeReplace: fc.subarray<StepKind>([
    "instance",
    "volume",
    "image",
    "conversion",
    "replica",
    "share",
  ]),
  /** Whether the second version holds the first thing that its preview refuses. */
  overreaches: fc.boolean(),
});

const images: StepKind[] = ["image", "conversion", "replica"];
/** The kinds of program step that make what another step can be made from. */
const sources: Record<StepKind, StepKind[]> = {
  instance: images,
  volume: images,
  image: ["instance", "volume"],
  conversion: images,
  replica: images,
  share: images,
};

export interface Declared {
  name: string;
  step: Step;
  /** The name of what it is made from. */
  source?: string;
  /** Of an image: the file. */
  file?: string;
}

/** Gives each step its name and the name of its source. */
export function declare(steps: Step[]): Declared[] {
  const declared: Declared[] = [];
  steps.forEach((step, index) => {
    const made = declared.filter(({ step: { kind } }) => sources[step.kind].includes(kind));
    // An instance may also come from a public image, a volume from nothing, an image from a file.
    const others = { instance: 1, volume: 1, image: FILES.length }[step.kind as string] ?? 0;
    const chosen = step.from % Math.max(1, made.length + others);
    const file = step.kind === "image" ? FILES[chosen - made.length] : undefined;
    declared.push({ name: `${step.kind}-${index}`, step, source: made[chosen]?.name, file });
  });
  return declared;
}

/** The second version of a program; what stays keeps its name. */
export function edited(steps: Step[], edits: (Step | null)[], additions: Step[]): Declared[] {
  const next = steps.map((step, index) => (edits[index]?.kind === step.kind ? edits[index] : step));
  const dropped = new Set(
    steps.flatMap(({ kind }, i) => (edits[i] && edits[i].kind !== kind ? [`${kind}-${i}`] : [])),
  );
  return declare([...next, ...additions]).filter(({ name }) => !dropped.has(name));
}

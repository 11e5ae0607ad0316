import type { Figure } from "./figure";
import { figure, median, notMeasured } from "./figure";
import { BenchProject, hasPulumi } from "./project";
import type { ProgramKind, Taken } from "./project";

/** Of each command this many runs, taken in turn, and their median. */
const ROUNDS = 3;
/** The passes over a program are measured one at a time: an `up` without its preview. */
const ONE_PASS = ["--yes", "--skip-preview"];

/** What the Pulumi CLI, with its native random plugin, takes for 1,000 RandomPets; undefined without it. */
interface Cli {
  preview: number;
  up: number;
  unchanged: number;
}

/** Whole processes of the deployer, on a region of one folder, beside those of the Pulumi CLI. */
export function deployments(): Figure[] {
  const cli = hasPulumi() ? cliOfPets() : undefined;
  const kinds: ProgramKind[] = ["RandomPets", "private images"];
  return [...single(), ...kinds.flatMap((kind) => many(kind, cli)), previewOnTheCli(cli !== undefined)];
}

function single(): Figure[] {
  return (["javascript", "typescript"] as const).map((language) =>
    using(new BenchProject("private images", 1, language), (project) => {
      project.images("preview");
      const taken = [1, 2, 3, 4, 5].map(() => project.images("preview"));
      const aim = language === "javascript" ? 1 : 1.5;
      return seconds(`1 image: preview, ${language} program`, aim, taken);
    }),
  );
}

function many(kind: ProgramKind, cli: Cli | undefined): Figure[] {
  const thousand = Array.from({ length: ROUNDS }, () => deploy(kind, 1000));
  const tenThousand = deploy(kind, 10_000);
  const of = (command: keyof Deployed): Taken[] => thousand.map((round) => round[command]);
  const up = median(of("up").map((it) => it.seconds));
  const against = (work: string, share: number, ours: Taken[], theirs: number | undefined): Figure => {
    const name = `${work} of 1,000 ${kind}, against the Pulumi CLI's of 1,000 RandomPets`;
    if (theirs === undefined) return notMeasured(name, share, "×");
    const took = median(ours.map((it) => it.seconds));
    return figure(name, share, took / theirs, "×", `${took.toFixed(2)} s against ${theirs.toFixed(2)} s`);
  };
  return [
    seconds(`up of 1,000 ${kind}, durable`, 3, of("up")),
    against("up", 1 / 25, of("up"), cli?.up),
    seconds(`preview of 1,000 ${kind}`, 2.5, of("preview")),
    against("preview", 1 / 4, of("preview"), cli?.preview),
    seconds(`up of 1,000 ${kind} with no change`, 2.5, of("unchanged")),
    against("up with no change", 1 / 4, of("unchanged"), cli?.unchanged),
    seconds(`destroy of 1,000 ${kind}`, 1.5, of("destroy")),
    figure(
      `up of 10,000 ${kind} against 1,000`,
      10.5,
      tenThousand.up.seconds / up,
      "×",
      `${tenThousand.up.seconds.toFixed(2)} s against ${up.toFixed(2)} s`,
    ),
    figure(
      `peak memory of the deployer, 10,000 ${kind}`,
      600,
      Math.max(...Object.values(tenThousand).map((it: Taken) => it.peakMiB)),
      "MiB",
    ),
  ];
}

interface Deployed {
  preview: Taken;
  up: Taken;
  unchanged: Taken;
  destroy: Taken;
}

/** A stack from its first preview to its end. */
function deploy(kind: ProgramKind, count: number): Deployed {
  return using(new BenchProject(kind, count), (project) => ({
    preview: project.images("preview"),
    up: project.images("up", ...ONE_PASS),
    unchanged: project.images("up", ...ONE_PASS),
    destroy: project.images("destroy", ...ONE_PASS),
  }));
}

function cliOfPets(): Cli {
  return using(new BenchProject("RandomPets", 1000), (project) => {
    project.pulumi("stack", "init");
    return {
      preview: project.pulumi("preview"),
      up: project.pulumi("up", ...ONE_PASS),
      unchanged: project.pulumi("up", ...ONE_PASS),
    };
  });
}

/** What this package's classes cost a program that the Pulumi CLI runs; in pairs, since a machine has its moods. */
function previewOnTheCli(isThere: boolean): Figure {
  const work = "on the Pulumi CLI: preview of 1,000 private images, against 1,000 RandomPets";
  if (!isThere) return notMeasured(work, 1, "×");
  return using(new BenchProject("RandomPets", 1000), (pets) =>
    using(new BenchProject("private images", 1000), (ours) => {
      for (const project of [pets, ours]) project.pulumi("stack", "init");
      const pairs = Array.from({ length: ROUNDS }, () => ({
        pets: pets.pulumi("preview"),
        ours: ours.pulumi("preview"),
      }));
      const note = `${pairs.map((it) => `${it.ours.toFixed(1)} s against ${it.pets.toFixed(1)} s`).join(", ")}`;
      return figure(work, 1, median(pairs.map((it) => it.ours / it.pets)), "×", note);
    }),
  );
}

function seconds(work: string, aim: number, taken: Taken[]): Figure {
  const cpu = median(taken.map((it) => it.cpuSeconds));
  return figure(
    work,
    aim,
    median(taken.map((it) => it.seconds)),
    "s",
    `median of ${taken.length}; ${cpu.toFixed(2)} s of processor time`,
  );
}

function using<T>(project: BenchProject, work: (project: BenchProject) => T): T {
  try {
    return work(project);
  } finally {
    project.remove();
  }
}

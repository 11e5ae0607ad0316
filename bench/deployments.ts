import type { Figure } from "./figure";
import { figure, median } from "./figure";
import { BenchProject } from "./project";

/** Whole processes of the deployer, on a region of one folder. `up` is measured without its preview pass. */
export function deployments(): Figure[] {
  const rows: Figure[] = [];
  const one = new BenchProject(1);
  try {
    one.time("preview");
    rows.push(
      figure(
        "1 image: preview, whole process",
        1.5,
        median([1, 2, 3, 4, 5].map(() => one.time("preview"))),
        "s",
        "median of 5",
      ),
    );
  } finally {
    one.remove();
  }

  const thousand = measure(1000);
  rows.push(figure("up of 1,000 private images, durable", 5, thousand.up, "s"));
  rows.push(figure("preview of the same", 4, thousand.preview, "s"));
  rows.push(figure("up with no change", 4, thousand.unchanged, "s"));
  const fourThousand = measure(4000);
  rows.push(
    figure(
      "up of 4,000 against 1,000",
      4.5,
      fourThousand.up / thousand.up,
      "×",
      `${fourThousand.up.toFixed(2)} s against ${thousand.up.toFixed(2)} s`,
    ),
  );
  return rows;
}

function measure(count: number): { preview: number; up: number; unchanged: number } {
  const project = new BenchProject(count);
  try {
    const preview = project.time("preview");
    const up = project.time("up", "--yes", "--skip-preview");
    const unchanged = project.time("up", "--yes", "--skip-preview");
    return { preview, up, unchanged };
  } finally {
    project.remove();
  }
}

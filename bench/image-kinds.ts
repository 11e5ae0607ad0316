import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageRecord } from "../provider/engine/model";
import { openRegion } from "../provider/engine/open-region";
import type { ImageEngine, Operations } from "../provider/engine/engine";
import type { Declaration, Reference } from "../provider/engine/requests";
import type { Figure } from "./figure";
import { figure, median, seconds } from "./figure";
import { writeRandom } from "./random-file";

const GIB = 2 ** 30;
const RUNS = 3;

/** What each kind of image costs against qemu-img doing the same by hand, through the whole engine, pair by pair. */
export async function imageKinds(): Promise<Figure[]> {
  const region = mkdtempSync(join(tmpdir(), "images-bench-"));
  const engine = await openRegion({ endpoint: region });
  try {
    const file = join(region, "random.raw");
    writeRandom(file, GIB);
    return [
      await systemImage(engine, file),
      ...(await fullImages(engine, region, file)),
      await encryptedImage(engine, file),
      await quickInstance(engine),
    ];
  } finally {
    await engine.close();
    rmSync(region, { recursive: true, force: true });
  }
}

async function systemImage(engine: ImageEngine, file: string): Promise<Figure> {
  const instance = await made(engine.instances, { diskFile: file, systemDisk: { type: "localDisk" } });
  const ratios: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    let id = "";
    const ours = await seconds(async () => {
      id = (await made(engine.images, { instance: { id: instance.id } })).id;
    });
    const copy = `${file}.copy`;
    const theirs = await seconds(() =>
      qemuImg("convert", "-f", "raw", "-O", "raw", "-t", "writeback", file, copy),
    );
    rmSync(copy);
    await engine.images.remove(id);
    ratios.push(ours / theirs);
  }
  await engine.instances.remove(instance.id);
  return figure(
    "image of 1 GiB of random data, its sha256 included, against qemu-img convert to raw without one",
    1.1,
    median(ratios),
    "×",
    `median of ${RUNS} pairs, both durable`,
  );
}

async function fullImages(engine: ImageEngine, region: string, file: string): Promise<Figure[]> {
  const times: number[] = [];
  const rooms: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const { id } = await made(engine.instances, { diskFile: file, systemDisk: { type: "localDisk" } });
    const full = () => made(engine.images, { instance: { id }, imageType: "full" });
    let first: ImageRecord | undefined;
    let second: ImageRecord | undefined;
    const firstTime = await seconds(async () => void (first = await full()));
    changeOnePercent(join(region, "disks", `${(await engine.instances.read(id))!.systemDisk.id}.qcow2`));
    const secondTime = await seconds(async () => void (second = await full()));
    times.push(secondTime / firstTime);
    rooms.push(second!.sizeBytes! / first!.sizeBytes!);
    for (const image of [first, second]) await engine.images.remove(image!.id);
    await engine.instances.remove(id);
  }
  return [
    figure("second full image of 1 GiB, 1 % changed, against the first: time", 0.05, median(times), "×"),
    figure("second full image of 1 GiB, 1 % changed, against the first: room", 0.05, median(rooms), "×"),
  ];
}

/** Ten places of 1 MiB each. */
function changeOnePercent(disk: string): void {
  const commands = Array.from({ length: 10 }, (_, part) => ["-c", `write -P ${part + 1} ${part * 100}M 1M`]);
  execFileSync("qemu-io", ["-f", "qcow2", ...commands.flat(), disk], { stdio: "ignore" });
}

async function encryptedImage(engine: ImageEngine, file: string): Promise<Figure> {
  const ratios: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    let id = "";
    const ours = await seconds(async () => {
      id = (await made(engine.images, { imageFile: file, fileFormat: "raw", encrypted: true })).id;
    });
    const copy = `${file}.luks`;
    const theirs = await sealedByQemu(file, copy);
    rmSync(copy);
    await engine.images.remove(id);
    ratios.push(ours / theirs);
  }
  return figure("encrypted image of 1 GiB, against qemu-img's own LUKS convert", 1.2, median(ratios), "×");
}

/** qemu-img times its key derivation and now and then can't: such a try counts for nothing. */
async function sealedByQemu(file: string, copy: string): Promise<number> {
  const seal = ["--object", "secret,id=k,data=benchmark", "-o"];
  const options = "encrypt.format=luks,encrypt.key-secret=k,encrypt.iter-time=10";
  for (let attempt = 1; ; attempt++) {
    try {
      return await seconds(() =>
        qemuImg("convert", "-f", "raw", "-O", "qcow2", "-t", "writeback", ...seal, options, file, copy),
      );
    } catch (error) {
      if (attempt === 5) throw error;
      rmSync(copy, { force: true });
    }
  }
}

async function quickInstance(engine: ImageEngine): Promise<Figure> {
  const source = await made(engine.instances, {
    image: { id: "img-pub-centos-7-4" },
    systemDisk: { type: "localDisk", size: 100 },
  });
  const image = await made(engine.images, { instance: { id: source.id } });
  const replica = await made(engine.replicas, { image: { id: image.id }, quickProvisioning: true });
  const times: number[] = [];
  for (let run = 0; run < 9; run++) {
    times.push(
      await seconds(() =>
        made(engine.instances, { image: { id: replica.id }, systemDisk: { type: "localDisk" } }),
      ),
    );
  }
  return figure("instance of a quick-provisioned image of 100 GiB", 50, median(times) * 1000, "ms");
}

type Asked<Request> = Omit<Request, "declaration"> & { image?: Reference };

async function made<Request extends { declaration: Declaration }, Record>(
  operations: Operations<Request, unknown, Record>,
  asked: Asked<Request>,
): Promise<Record> {
  const declaration: Declaration = {
    declaredBy: `urn:pulumi:bench::bench::images:Thing::${randomUUID()}`,
    creationToken: randomUUID(),
    region: "local",
    account: "default",
  };
  return operations.create({ ...asked, declaration } as unknown as Request);
}

function qemuImg(...args: string[]): void {
  execFileSync("qemu-img", args, { stdio: "ignore" });
}

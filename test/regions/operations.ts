import { byId, up } from "../provider/engine/world";
import type { InstanceRecord, TestRun } from "../provider/engine/world";
import type { Step } from "./worker";

type Operation = (run: TestRun, step: Step) => Promise<{ id: string } | void>;

const dataDisks = [{ size: 1 }, { size: 1 }];

const statedDisks = ({ dataDisks }: InstanceRecord) =>
  dataDisks.filter(({ fromImage }) => !fromImage).map(({ size }) => ({ size }));

/** What a run does with a region, each as a program's resource would ask for it. */
export const OPERATIONS = {
  instance: (run, { name }) =>
    up(run.engine.instances, run.instance(name, { dataDisks, systemDisk: { type: "localDisk", size: 40 } })),
  instanceOfFile: (run, { name, of }) =>
    up(
      run.engine.instances,
      run.instance(name, { image: undefined, diskFile: of, dataDisks, systemDisk: { type: "localDisk" } }),
    ),
  instanceOfImage: (run, { name, of }) =>
    up(run.engine.instances, run.instance(name, { image: byId(of!), systemDisk: { type: "localDisk" } })),
  volumeOfImage: (run, { name, of }) => up(run.engine.volumes, run.volume(name, { image: byId(of!) })),
  imageOfFile: (run, { name, of }) =>
    up(run.engine.images, run.image(name, undefined, { imageFile: of, encrypted: true })),
  replica: (run, { name, of }) =>
    up(run.engine.replicas, {
      declaration: run.declare(name),
      image: byId(of!),
      encrypted: true,
    }),
  export: (run, { name, of, to }) =>
    up(run.engine.exports, {
      declaration: run.declare(name),
      image: byId(of!),
      bucketUrl: to!,
    }),
  volume: (run, { name }) => up(run.engine.volumes, run.volume(name, { size: 1 })),
  systemImage: (run, { name, of }) => up(run.engine.images, run.image(name, byId(of!))),
  dataImage: (run, { name, of }) =>
    up(run.engine.images, run.image(name, byId(of!), { imageType: "data", device: "/dev/vdb" })),
  fullImage: (run, { name, of }) => up(run.engine.images, run.image(name, byId(of!), { imageType: "full" })),
  conversion: (run, { name, of }) => up(run.engine.conversions, run.conversion(name, byId(of!))),
  share: (run, { name, of, account }) => up(run.engine.shares, run.share(name, byId(of!), account!)),
  /** Of the instance of that ID, where it stands still. */
  rebuild: async (run, { name, of }) => {
    const instance = await run.engine.instances.read(name);
    if (!instance?.origin) return;
    const { creationToken, declaredBy } = instance.origin;
    const { architecture: type, systemDisk } = instance;
    const request = run.instance(
      declaredBy,
      { image: byId(of!), systemDisk: { type, size: systemDisk.size }, dataDisks: statedDisks(instance) },
      { declaredBy, creationToken, oldToken: creationToken },
    );
    await run.engine.instances.check(request);
    return run.engine.instances.update(name, request);
  },
  deleteImage: (run, { of }) => run.engine.images.remove(of!),
  deleteInstance: (run, { of }) => run.engine.instances.remove(of!),
  cancelShare: (run, { of }) => run.engine.shares.remove(of!),
  /** What every later run with something to write does first. */
  tidy: async (run) => {
    const name = `tidy-${process.pid}`;
    const { id } = await up(run.engine.volumes, run.volume(name, { size: 1 }));
    await run.engine.volumes.remove(id);
  },
} satisfies Record<string, Operation>;

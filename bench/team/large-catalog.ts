import { openRegion } from "../../provider/engine/open-region";
import type { ImageEngine } from "../../provider/engine/engine";
import type { TeamServers } from "../../test/support/regions/team-servers";
import type { TeamRegion } from "../../test/support/regions/team-region";
import type { Figure } from "../figure";
import { figure, median, seconds } from "../figure";
import { inTeamRegion } from "./in-team-region";

const ROUNDS = 15;
const ACCOUNT = "team-7";
/** Of each tag's images there are so many, at most. */
const TAGGED = 100;

interface Shape {
  accounts: number;
  imagesEach: number;
}

const SMALL: Shape = { accounts: 1, imagesEach: 100 };
const LARGE: Shape[] = [
  { accounts: 1000, imagesEach: 100 },
  { accounts: 1, imagesEach: 100_000 },
];

/** What one account does among a hundred thousand images: of others, and all its own. */
export async function largeCatalog(servers: TeamServers): Promise<Figure[]> {
  const figures: Figure[] = [];
  await inCatalog(servers, SMALL, async (small) => {
    for (const shape of LARGE) {
      await inCatalog(servers, shape, async (large) => {
        const [listing, naming, previews]: [number[], number[], number[]] = [[], [], []];
        for (let round = 0; round < ROUNDS; round++) {
          listing.push(1000 * (await opened(large, list)));
          naming.push(1000 * (await opened(large, lookUp)));
          // Neither is always the second.
          const first = await opened(round % 2 === 0 ? large : small, preview);
          const second = await opened(round % 2 === 0 ? small : large, preview);
          previews.push(round % 2 === 0 ? first / second : second / first);
        }
        const among = `of ${(shape.accounts * shape.imagesEach).toLocaleString("en")} images of ${shape.accounts === 1 ? "one account" : `${shape.accounts} accounts`}`;
        const against = `against one with ${SMALL.imagesEach} in all`;
        const how = `opening the region included; median of ${ROUNDS}`;
        figures.push(
          figure(`images listed with a tag filter, ${among}`, 50, median(listing), "ms", how),
          figure(`an image looked up by its name, ${among}`, 50, median(naming), "ms", how),
          figure(`preview of one image, ${among}, ${against}`, 1.2, median(previews), "×", how),
        );
      });
    }
  });
  return figures;
}

/** Work on such a catalogue, through a login of one of its accounts. */
function inCatalog(
  servers: TeamServers,
  { accounts, imagesEach }: Shape,
  work: (endpoint: string) => Promise<void>,
): Promise<void> {
  const names = Array.from({ length: accounts }, (_, index) => nameOf(index));
  const places = imagesEach + 1;
  const listed = names.map((name) => `{ name: ${name} }`).join(", ");
  const file = `quotas: { privateImages: ${places}, snapshots: ${places} }\naccounts: [${listed}]\n`;
  return inTeamRegion(servers, file, async (region) => {
    await fill(servers, region, names, imagesEach);
    await work(await servers.postgres.newLogin(region.database, ACCOUNT));
  });
}

/** The first is the one that is measured. */
function nameOf(index: number): string {
  return index === 0 ? ACCOUNT : `team-${index + 7}`;
}

async function opened(endpoint: string, work: (engine: ImageEngine) => Promise<void>): Promise<number> {
  let engine: ImageEngine | undefined;
  const took = await seconds(async () => {
    engine = await openRegion({ endpoint, account: ACCOUNT });
    await work(engine);
  });
  await engine!.close();
  return took;
}

async function list({ lookups }: ImageEngine): Promise<void> {
  const found = await lookups.images({ tags: { set: "3" } });
  if (found.length === 0 || found.length > TAGGED) throw new Error(`${found.length} images found`);
}

async function lookUp({ lookups }: ImageEngine): Promise<void> {
  await lookups.image({ name: "image-7" });
}

async function preview({ images }: ImageEngine): Promise<void> {
  const declaration = { declaredBy: "urn:pulumi:dev::bench::images::new", creationToken: "new" };
  const { violations } = await images.check({
    declaration: { ...declaration, region: "local", account: ACCOUNT },
    instance: { id: `i-${ACCOUNT}` },
  });
  if (violations.length > 0) throw new Error(violations[0]!.reason);
}

/** Rows as the region's functions write them, without calling those a hundred thousand times. */
async function fill(
  { postgres }: TeamServers,
  { database }: TeamRegion,
  names: readonly string[],
  each: number,
): Promise<void> {
  const tags = Math.max(10, each / TAGGED);
  const own = "select id as account_id, name as account, region from images.accounts where name = any ($1)";
  const statements: [string, unknown[]][] = [
    [
      `insert into images.instances (id, sequence, region, account, account_id, created_at, attributes)
      select 'i-' || account, nextval('images.record_sequence'), region, account, account_id, now(), $2
      from (${own}) as own`,
      [names, INSTANCE],
    ],
    [
      `insert into images.images (id, sequence, region, account, account_id, created_at, visibility, attributes)
      select format('img-%s-%s', account, n), nextval('images.record_sequence'), region, account, account_id, now(),
        'private', $2::jsonb || jsonb_build_object(
          'name', format('image-%s', n), 'tags', jsonb_build_object('set', (n % $4::int)::text, 'stage', 'test'),
          'deviceMappings', jsonb_build_array(jsonb_build_object(
            'device', '/dev/vda', 'kind', 'snapshot', 'size', 20, 'id', format('snap-%s-%s', account, n))))
      from (${own}) as own, generate_series(1, $3::int) as n`,
      [names, IMAGE, each, tags],
    ],
    [
      `insert into images.image_tags select id, key, value, account_id from images.images,
        jsonb_each_text(attributes -> 'tags')`,
      [],
    ],
    [
      `insert into images.contents (id, region, account, account_id, virtual_bytes)
      select 'snap-' || substr(id, 5), region, account, account_id, 0 from images.images`,
      [],
    ],
    [
      `insert into images.disk_references (disk_id, snapshot, image_id, region, account, account_id)
      select 'snap-' || substr(id, 5), 1, id, region, account, account_id from images.images`,
      [],
    ],
    ["analyze", []],
  ];
  for (const [sql, values] of statements) await postgres.query(database, sql, values);
}

const INSTANCE = {
  ...{ name: "builder", status: "running", architecture: "localDisk", encrypted: false },
  systemDisk: { id: "disk-of-builder", device: "/dev/vda", size: 20 },
  ...{ dataDisks: [], tags: {}, os: { osType: "linux" }, minDisk: 20, lineage: [] },
};

const IMAGE = {
  ...{
    visibility: "private",
    description: "",
    imageType: "system",
    architectures: ["localDisk"],
    status: "active",
  },
  ...{ os: { osType: "linux" }, minDisk: 20, nicMultiqueue: false, sriovDriver: false, encrypted: false },
  lineage: [{ type: "instance", id: "i-1", name: "builder" }],
  source: { type: "instance", id: "i-1" },
};

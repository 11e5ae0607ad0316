import type { Catalog } from "../../../provider/engine/catalog/catalog";
import type { ProcessMark } from "../../../provider/engine/catalog/process-mark";

/** A region that a test has to itself, as its operator sees it: whichever adapters serve it. */
export interface TestRegion {
  /** What `openRegion` is given; it may hold a password. */
  readonly endpoint: string;
  /** What `Pulumi.yaml` says of it, by full key. */
  readonly config: Readonly<Record<string, string>>;
  /** What the environment of programs needs besides. */
  readonly env: NodeJS.ProcessEnv;
  /** Makes it, or changes it, to what a `region.yaml` says. */
  apply(regionFile: string): Promise<void>;
  /** `config` and `env` of programs that are this account, and no other where the region tells its users apart. */
  as(account: string): Promise<Pick<TestRegion, "config" | "env">>;
  /** All records of all accounts. `owner`: as another process has it open. */
  openCatalog(owner?: ProcessMark): Promise<Catalog>;
  /** IDs of the contents that stand in the store. */
  contents(): Promise<string[]>;
  /** What the store has of a content that isn't among those, for a test's message. */
  whatIsOf(id: string): Promise<string>;
  /** What stands in the store and is no content: temporary files, half-sent objects, objects that no content names. */
  leftOver(): Promise<string[]>;
  /** The content as whoever may open it reads it, in a raw file that is there until `use` ends. */
  withContent<T>(id: string, wrappedKey: string | undefined, use: (file: string) => Promise<T>): Promise<T>;
  /** Changes the content of an instance's or volume's disk, as its VM would: in a file of the format. */
  changeContent(id: string, change: (file: string, format: "raw" | "qcow2") => Promise<void>): Promise<void>;
  /** Every byte that is kept of it anywhere, by name. */
  stored(): AsyncIterable<{ name: string; bytes: Buffer }>;
  /** Another one with all that this one has. Nobody may be at work. */
  copy(): Promise<TestRegion>;
  remove(): Promise<void>;
}

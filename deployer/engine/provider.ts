import type {
  CheckResult,
  CreateResult,
  DiffResult,
  Existing,
  ReadResult,
  UpdateResult,
} from "../plugins/provider-results";
import type { PropertyMap } from "../wire/property-value";

/** Port: what manages resources. A plugin does, and the engine itself does for the resources that are providers. */
export interface Provider {
  check(
    urn: string,
    olds: PropertyMap | undefined,
    news: PropertyMap,
    randomSeed: Uint8Array,
  ): Promise<CheckResult>;
  diff(old: Existing, news: PropertyMap, ignoreChanges: string[]): Promise<DiffResult | undefined>;
  /** The resource hasn't changed. */
  same?(urn: string, id: string, inputs: PropertyMap): Promise<void>;
  create(
    urn: string,
    inputs: PropertyMap,
    options: { preview: boolean; timeout?: number },
  ): Promise<CreateResult>;
  update(
    old: Existing,
    inputs: PropertyMap,
    options: { preview: boolean; timeout?: number; ignoreChanges: string[] },
  ): Promise<UpdateResult>;
  read(resource: Existing): Promise<ReadResult>;
  delete(resource: Existing, timeout?: number): Promise<void>;
}

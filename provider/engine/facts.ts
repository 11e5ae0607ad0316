import type { Architecture, CpuArchitecture, ExportFormat, ImageType } from "./model";
import type { Maybe } from "./requests";
import type { Violation } from "./violation";

/**
 * What check found: every violation at once, and every fact that is knowable before the run, for the resource's
 * inputs, so that later resources of the same preview see them. A fact that must wait is UNKNOWN.
 */
export interface Checked<Facts> {
  violations: Violation[];
  facts: Facts;
  /** The state knows it and the catalogue doesn't: nothing was judged, and no update can succeed. */
  gone?: boolean;
}

export interface ImageFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  architecture: Maybe<Architecture>;
  imageType: Maybe<ImageType>;
  minDisk: Maybe<number>;
  encrypted?: Maybe<boolean>;
  kmsKeyId?: Maybe<string>;
  osType?: Maybe<string>;
  osName?: Maybe<string>;
  osVersion?: Maybe<string>;
  cpuArchitecture?: Maybe<CpuArchitecture>;
}

export interface ReplicaFacts extends ImageFacts {
  encrypted: Maybe<boolean>;
}

export interface ExportFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  fileFormat: Maybe<ExportFormat>;
}

export interface ShareFacts {
  region: Maybe<string>;
  account: Maybe<string>;
}

export interface InstanceFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  architecture: Maybe<Architecture>;
  encrypted?: Maybe<boolean>;
  /** GiB, the default resolved from the image. */
  systemDiskSize: Maybe<number>;
  osType?: Maybe<string>;
  osName?: Maybe<string>;
  osVersion?: Maybe<string>;
  cpuArchitecture?: Maybe<CpuArchitecture>;
}

export interface VolumeFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  size: Maybe<number>;
  encrypted?: Maybe<boolean>;
}

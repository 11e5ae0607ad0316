import type * as pulumi from "@pulumi/pulumi";
import type { CpuArchitecture } from "./model";

/** What runs on a disk that doesn't tell it by itself: a disk file's, or a volume's. */
export interface OsArgs {
  osType?: pulumi.Input<"linux" | "windows">;
  osName?: pulumi.Input<string>;
  osVersion?: pulumi.Input<string>;
  cpuArchitecture?: pulumi.Input<CpuArchitecture>;
}

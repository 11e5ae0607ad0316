import { createRequire } from "node:module";
import path from "node:path";
import type * as grpc from "@grpc/grpc-js";
import type * as struct from "google-protobuf/google/protobuf/struct_pb";
import type * as empty from "google-protobuf/google/protobuf/empty_pb";
import type * as any from "google-protobuf/google/protobuf/any_pb";
import type * as resource from "@pulumi/pulumi/proto/resource_pb";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type * as engine from "@pulumi/pulumi/proto/engine_pb";
import type * as status from "@pulumi/pulumi/proto/status_pb";
import type { IResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import type { IEngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { UserError } from "../user-error";
import { makeStructsPlain } from "./plain-struct";
import type { IResourceProviderService, ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";

/** The versions of `@pulumi/pulumi` that this engine was tested against: from, and up to but not including. */
export const SDK_VERSIONS = { from: [3, 200, 0], below: [4, 0, 0] } as const;

/** The user's own `@pulumi/pulumi`: its folder, its protocol stubs, and the gRPC library that belongs to them. */
export interface Sdk {
  dir: string;
  version: string;
  grpc: typeof grpc;
  struct: typeof struct;
  empty: typeof empty;
  any: typeof any;
  resource: typeof resource;
  provider: typeof provider;
  engine: typeof engine;
  status: typeof status;
  ResourceMonitorService: IResourceMonitorService;
  EngineService: IEngineService;
  ResourceProviderService: IResourceProviderService;
  ResourceProviderClient: typeof ResourceProviderClient;
}

/**
 * Loads the SDK that a program would load.
 *
 * @throws UserError where the program's folder has no `@pulumi/pulumi`, or one of an untested version.
 */
export function loadSdk(programDir: string): Sdk {
  const dir = locate(programDir);
  const load = createRequire(path.join(dir, "index.js"));
  const { version } = load("./package.json") as { version: string };
  assertTested(version, dir);
  makeStructsPlain(load("google-protobuf/google/protobuf/struct_pb") as Sdk["struct"]);
  return {
    dir,
    version,
    grpc: load("@grpc/grpc-js"),
    struct: load("google-protobuf/google/protobuf/struct_pb"),
    empty: load("google-protobuf/google/protobuf/empty_pb"),
    any: load("google-protobuf/google/protobuf/any_pb"),
    resource: load("./proto/resource_pb"),
    provider: load("./proto/provider_pb"),
    engine: load("./proto/engine_pb"),
    status: load("./proto/status_pb"),
    ResourceMonitorService: load("./proto/resource_grpc_pb").ResourceMonitorService,
    EngineService: load("./proto/engine_grpc_pb").EngineService,
    ResourceProviderService: load("./proto/provider_grpc_pb").ResourceProviderService,
    ResourceProviderClient: load("./proto/provider_grpc_pb").ResourceProviderClient,
  };
}

function locate(programDir: string): string {
  try {
    return path.dirname(
      createRequire(path.join(programDir, "index.js")).resolve("@pulumi/pulumi/package.json"),
    );
  } catch {
    throw new UserError(`No @pulumi/pulumi in ${programDir}: run "npm install @pulumi/pulumi" there.`);
  }
}

function assertTested(version: string, dir: string): void {
  const parts = version.split(/[.+-]/).slice(0, 3).map(Number);
  if (compare(parts, SDK_VERSIONS.from) < 0 || compare(parts, SDK_VERSIONS.below) >= 0) {
    throw new UserError(
      `@pulumi/pulumi ${version} in ${dir} isn't supported: this engine speaks to versions from ` +
        `${SDK_VERSIONS.from.join(".")} and below ${SDK_VERSIONS.below.join(".")}.`,
    );
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = b.findIndex((part, index) => part !== a[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - b[at]!;
}

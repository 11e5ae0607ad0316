import type { ImageRecord } from "../model";
import type { DraftOf } from "../records";
import { UNKNOWN } from "../requests";
import type { Maybe } from "../requests";
import type { Scope } from "../scope";
import type { Violation } from "../violation";
import type { Role } from "./recipe";
import { settleSettings } from "./image-settings";
import type { SettingsRequest } from "./image-settings";

/** What an image has from its source and no program chooses. */
export interface Inherited {
  fields: Pick<
    DraftOf<"image">,
    | "architectures"
    | "imageType"
    | "os"
    | "encrypted"
    | "kmsKeyId"
    | "deviceMappings"
    | "lineage"
    | "source"
    | "scratch"
  >;
  /** GiB of its system disk. */
  size: Maybe<number>;
}

/** From a source that isn't known yet; `known`: what holds whatever it is. */
export function inheritedFromUnknown(known: Partial<Inherited["fields"]>): Inherited {
  return {
    fields: {
      architectures: UNKNOWN,
      imageType: UNKNOWN,
      os: UNKNOWN,
      encrypted: UNKNOWN,
      deviceMappings: UNKNOWN,
      lineage: UNKNOWN,
      source: UNKNOWN,
      ...known,
    },
    size: UNKNOWN,
  };
}

export function inheritedBefore(standing: ImageRecord): Inherited {
  const { architectures, imageType, os, encrypted, kmsKeyId, deviceMappings, lineage, source } = standing;
  const size = deviceMappings[0]?.size ?? standing.minDisk;
  return {
    fields: { architectures, imageType, os, encrypted, kmsKeyId, deviceMappings, lineage, source },
    size,
  };
}

/** The record that a request for an image amounts to. `from`: what it inherits from, in words. */
export function draftImage(
  request: SettingsRequest,
  inherited: Inherited,
  from: string,
  { region, account }: Scope,
  { standing, id, origin }: Role<"image">,
): { draft: DraftOf<"image">; violations: Violation[] } {
  const { settings, violations } = settleSettings(
    request,
    standing,
    { ...inherited.fields, size: inherited.size },
    from,
  );
  const draft: DraftOf<"image"> = {
    ...(standing ?? { createdAt: UNKNOWN, sequence: UNKNOWN, visibility: "private", status: "active" }),
    ...inherited.fields,
    ...settings,
    ...{ id, region, account, origin },
  };
  return { draft, violations };
}

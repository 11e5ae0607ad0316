import { nameInProgram } from "../messages";
import type { DraftOf } from "../records";
import type { InstanceRequest, VolumeRequest } from "../requests";
import type { Scope } from "../scope";
import type { Role } from "./recipe";
import { settleTags } from "./image-settings";

type DeclaredFields = Pick<DraftOf<"volume">, "id" | "region" | "account" | "name" | "tags" | "origin">;

/** What declares an instance or volume, and its settings: for one taken over by ID, what stands where the program says nothing. */
export function declaredFields(
  { name, tags, adoptId, declaration }: InstanceRequest | VolumeRequest,
  { id, origin, standing }: Role<"instance"> | Role<"volume">,
  { region, account }: Scope,
): DeclaredFields {
  const kept = adoptId === undefined ? undefined : standing;
  return {
    ...{ id, region, account, origin },
    name: name ?? kept?.name ?? nameInProgram(declaration.declaredBy),
    tags: settleTags(tags ?? kept?.tags),
  };
}

import type { Migration } from "kysely";
import { records } from "./0001-records";
import { discardedDisks } from "./0002-discarded-disks";
import { exportRecords } from "./0003-exports";
import { imageTags } from "./0004-image-tags";
import { places } from "./0005-places";
import { imageNames } from "./0006-image-names";

/** Every step of the catalogue's schema, in order of name. A step that was released never changes. */
export const MIGRATIONS: Record<string, Migration> = {
  "0001-records": records,
  "0002-discarded-disks": discardedDisks,
  "0003-exports": exportRecords,
  "0004-image-tags": imageTags,
  "0005-places": places,
  "0006-image-names": imageNames,
};

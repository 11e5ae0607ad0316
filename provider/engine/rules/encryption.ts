import type { MasterKey } from "../keys/key-service";
import * as say from "../messages";
import { describe } from "../messages";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";
import type { Reached } from "./sources";

/** A sealed source has a master key of its own; a share has none. */
type SealedKind = "image" | "instance" | "volume";

interface Owner {
  region: Maybe<string>;
  account?: Maybe<string | undefined>;
}

/** The master key that a new thing is sealed under: there, the owner's own, and enabled. */
export function masterKeyRule(
  kmsKeyId: Maybe<string> | undefined,
  { region, account }: Owner,
  keys: readonly MasterKey[],
): Violation[] {
  if (kmsKeyId === undefined || !isKnown(kmsKeyId)) return [];
  const key = keys.find(({ id }) => id === kmsKeyId);
  if (!key) return [say.noMasterKey("kmsKeyId", kmsKeyId)];
  const elsewhere = isKnown(region) && key.region !== region;
  const anothers = account !== undefined && isKnown(account) && key.account !== account;
  if (elsewhere || anothers) return [say.anothersMasterKey("kmsKeyId", key)];
  return key.state === "enabled" ? [] : [say.masterKeyUnusable("kmsKeyId", key)];
}

/** A sealed source is read by its own master key, which has to be there and enabled. */
export function sourceKeyRule(source: Reached<SealedKind>, keys: readonly MasterKey[]): Violation[] {
  const { property, kind, record } = source;
  if (record?.encrypted !== true) return [];
  const { kmsKeyId } = record;
  if (kmsKeyId === undefined || !isKnown(kmsKeyId)) return [];
  const described = describe(kind, record);
  const key = keys.find(({ id }) => id === kmsKeyId);
  if (!key) return [say.sourceKeyGone(property, described, kmsKeyId)];
  return key.state === "enabled" ? [] : [say.masterKeyUnusable(property, key, described)];
}

/** An offered image is read by the operator's key, which has to be enabled. */
export function withheldRule({ property, kind, record }: Reached<SealedKind>): Violation[] {
  const withheld = record !== undefined && "withheld" in record && record.withheld === true;
  return withheld ? [say.imageWithheld(property, describe(kind, record))] : [];
}

/** `kmsKeyId` is for what is encrypted. */
export function keyNeedsEncryptionRule(
  encrypted: Maybe<boolean>,
  kmsKeyId: Maybe<string> | undefined,
): Violation[] {
  return encrypted === false && kmsKeyId !== undefined ? [say.keyWithoutEncryption()] : [];
}

/** What is made of something encrypted is encrypted; `source` says what, in words. */
export function staysEncryptedRule(
  stated: Maybe<boolean> | undefined,
  inherited: Maybe<boolean>,
  source: string,
): Violation[] {
  return stated === false && inherited === true ? [say.staysEncrypted(source)] : [];
}

/** Instances are made on top of a quick image's content, which is read as it stands: it can't be sealed. */
export function quickIsPlainRule(
  encrypted: Maybe<boolean>,
  quickProvisioning: Maybe<boolean> | undefined,
): Violation[] {
  return encrypted === true && quickProvisioning === true ? [say.quickIsPlain()] : [];
}

/** A full image holds differences, and sealed content has none that could be told. */
export function fullIsPlainRule(imageType: Maybe<string>, instance: Reached<"instance">): Violation[] {
  const { property, record } = instance;
  if (imageType !== "full" || record?.encrypted !== true) return [];
  return [say.fullIsPlain(property, describe("instance", record))];
}

/** A rebuild keeps the data disks, sealed or not as they are: the new image has to be the same. */
export function rebuiltAlikeRule(instance: DraftOf<"instance">, image: Reached<"image">): Violation[] {
  const { property, record } = image;
  const { encrypted, dataDisks } = instance;
  if (!record || !isKnown(record.encrypted) || !isKnown(encrypted) || record.encrypted === encrypted)
    return [];
  if (isKnown(dataDisks) && dataDisks.length === 0) return [];
  return [
    say.rebuiltUnlike(property, describe("image", record), record.encrypted, describe("instance", instance)),
  ];
}

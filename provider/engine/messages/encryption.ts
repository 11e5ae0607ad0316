import { OPERATOR } from "../keys/key-service";
import type { MasterKey } from "../keys/key-service";
import type { Violation } from "../violation";
import { capital, violation } from "./words";

export function noMasterKey(property: string, id: string): Violation {
  return violation(
    property,
    `There is no master key ${id}.`,
    "See which there are: images keys list. One that was lost comes back from a backup of the region's keys.",
  );
}

export function masterKeyDeleted(property: string, id: string, deletedAt: string | undefined): Violation {
  return violation(
    property,
    `Master key ${id} was deleted${deletedAt === undefined ? "" : ` at ${deletedAt}`}; what was sealed under it can't be read again.`,
    "Take another key (images keys list), or make one (images keys create).",
  );
}

/** `key` is disabled or scheduled for deletion. `of`: what is sealed under it, where it isn't the key asked for. */
export function masterKeyUnusable(property: string, key: MasterKey, of?: string): Violation {
  const { id, name, state, deletedAt } = key;
  const what =
    of === undefined
      ? `Master key ${name} (${id})`
      : `${capital(of)} is sealed under master key ${name} (${id}), which`;
  return state === "pendingDeletion"
    ? violation(
        property,
        `${what} is scheduled for deletion at ${deletedAt}.`,
        `Take it back: images keys restore ${id}.`,
      )
    : violation(property, `${what} is disabled.`, enabling(key));
}

function enabling({ id, account }: MasterKey): string {
  return account === OPERATOR
    ? `Ask the region's operator to enable it: images region keys enable ${id}.`
    : `Enable it: images keys enable ${id}.`;
}

/** Of an image that the region offers. */
export function imageWithheld(property: string, image: string): Violation {
  return violation(
    property,
    `${capital(image)} can't be read for now: the region's operator has disabled the key that seals its disk.`,
    "Ask for it to be enabled (images region keys enable), or take another image.",
  );
}

export function badDeletionDays(days: number, shortest: number, longest: number): Violation {
  return violation(
    "days",
    `A master key can be deleted in ${shortest} to ${longest} days, and ${days} is asked for. State a whole number of days between.`,
  );
}

export function sealingKeyStays(property: string, { id, account, region }: MasterKey): Violation {
  return violation(
    property,
    `Master key ${id} seals all disks of account ${account} in region ${region}: it is neither disabled nor deleted.`,
    `Rotate it: images keys rotate ${id}. Remove what isn't to be read any more.`,
  );
}

export function notOperatorsKey(id: string): Violation {
  return violation(
    "",
    `No master key ${id} seals what a region offers.`,
    "List the operator's: images region keys list. An account's is rotated by the account: images keys rotate.",
  );
}

export function anothersMasterKey(property: string, { id, region, account }: MasterKey): Violation {
  return violation(
    property,
    `Master key ${id} belongs to account ${account} in region ${region}.`,
    "Name a key of this resource's own account and region (images keys list), or leave kmsKeyId out for its default key.",
  );
}

/** The source's record names a key that the region doesn't have, or has no more. */
export function sourceKeyGone(property: string, source: string, keyId: string): Violation {
  return violation(
    property,
    `${capital(source)} is sealed under master key ${keyId}, which was deleted or isn't among the region's keys: it can't be read.`,
    "Bring the keys back from a backup that has it, or make this resource from something else.",
  );
}

export function keyWithoutEncryption(): Violation {
  return violation(
    "kmsKeyId",
    "A master key is stated for what isn't encrypted.",
    "Remove kmsKeyId, or make it of something encrypted; a replica and an image of a file are encrypted by encrypted: true.",
  );
}

export function staysEncrypted(source: string): Violation {
  return violation(
    "encrypted",
    `What is made of ${source} is encrypted, as that is.`,
    "Remove encrypted: false. An image that isn't encrypted is made of it by an ImageReplica with encrypted: false.",
  );
}

export function quickIsPlain(): Violation {
  return violation(
    "quickProvisioning",
    "An encrypted image can't have quick provisioning: its instances have data keys of their own, so that each one's disk is written anew.",
    "Remove quickProvisioning, or set encrypted: false.",
  );
}

export function fullIsPlain(property: string, instance: string): Violation {
  return violation(
    property,
    `A full image of ${instance} can't be made: the instance is encrypted, and a full image is stored as differences, which sealed disks have none of.`,
    'Make a system image of it, and a data image of each data disk (imageType: "data" with device).',
  );
}

export function rebuiltUnlike(
  property: string,
  image: string,
  encrypted: boolean,
  instance: string,
): Violation {
  return violation(
    property,
    `${capital(image)} is ${encrypted ? "" : "not "}encrypted and ${instance}, whose data disks a rebuild keeps, is${encrypted ? " not" : ""}.`,
    `Rebuild it with an image that is${encrypted ? " not" : ""} (an ImageReplica with encrypted: ${!encrypted}), or make a new instance.`,
  );
}

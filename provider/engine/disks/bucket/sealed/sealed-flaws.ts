/** What is wrong with a sealed object, in words. `what`: the object. */
export class SealedFlaw extends Error {}

/** The object is whole; the key isn't the one that it was sealed with. */
export class WrongKey extends SealedFlaw {}

const RESTORE = "Bring the bucket and the catalogue back from one backup";

export function gone(what: string): SealedFlaw {
  return new SealedFlaw(`${what} is gone. ${RESTORE}`);
}

export function notSealed(what: string): SealedFlaw {
  return new SealedFlaw(`${what} isn't a sealed disk: something else stands in its place. ${RESTORE}`);
}

export function anotherObject(what: string, objectId: string): SealedFlaw {
  return new SealedFlaw(`${what} is another object: what stands in its place is ${objectId}. ${RESTORE}`);
}

export function unknownVersion(what: string, version: string): SealedFlaw {
  return new SealedFlaw(
    `${what} has ${version}, which this version doesn't read. Update pulumi-private-images`,
  );
}

export function cut(what: string, bytes: number, of: number): SealedFlaw {
  return new SealedFlaw(`${what} is cut off: it has ${bytes} bytes of ${of}. ${RESTORE}`);
}

export function altered(what: string): SealedFlaw {
  return new SealedFlaw(
    `${what} isn't the one that was finished: it was altered, or an older one was put back in its place. ${RESTORE}`,
  );
}

export function alteredIndex(what: string): SealedFlaw {
  return new SealedFlaw(`${what} was altered in its index. ${RESTORE}`);
}

export function alteredChunk(what: string, number: number): SealedFlaw {
  return new SealedFlaw(`${what} was altered in chunk ${number}. ${RESTORE}`);
}

export function swappedChunk(what: string, number: number, found: number): SealedFlaw {
  return new SealedFlaw(`${what} has chunk ${found} in the place of chunk ${number}. ${RESTORE}`);
}

export function wrongKey(what: string): WrongKey {
  return new WrongKey(`${what} doesn't open with its key: it is sealed with another one`);
}

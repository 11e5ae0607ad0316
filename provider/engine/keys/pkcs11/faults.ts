import { Fault } from "../../violation";

const OPENING = "Opening the token of the master keys";

export function noNativePackage(cause: unknown): Fault {
  const [line] = String((cause as Error).message ?? cause).split("\n");
  return new Fault(OPENING, {
    cause,
    says: `the package pkcs11js isn't installed, or wasn't built for this Node (${line})`,
    left: "Install it beside pulumi-private-images, with a C++ compiler at hand: npm install pkcs11js",
  });
}

export function noModule(path: string, cause: unknown): Fault {
  return new Fault(OPENING, {
    cause,
    says: `the PKCS#11 module ${path} can't be loaded (${(cause as Error).message})`,
    left: "Install the token's module on this machine, or name its file: IMAGES_PKCS11_MODULE, or module-path in the keys' URL",
  });
}

export function notInitialised(path: string, cause: unknown): Fault {
  return new Fault(OPENING, {
    cause,
    says: `the PKCS#11 module ${path} doesn't start (${(cause as Error).message})`,
    left: "See the module's own configuration, which for SoftHSM is the file that SOFTHSM2_CONF names, and that you may read it and what it names",
  });
}

export function noModulePath(): Fault {
  return new Fault(OPENING, {
    says: "it isn't said which PKCS#11 module reaches it",
    left: "Name the module's file: module-path in the keys' URL, or IMAGES_PKCS11_MODULE on this machine",
  });
}

export function noToken(wanted: string, module: string, labels: readonly string[]): Fault {
  const there = labels.length === 0 ? "no token" : `only ${labels.map((label) => `"${label}"`).join(", ")}`;
  return new Fault(OPENING, {
    says: `${module} has no token with ${wanted}; there is ${there}`,
    left: "Plug it in, or start what it is reached by, and run again",
  });
}

export function severalTokens(wanted: string, serials: readonly string[]): Fault {
  return new Fault(OPENING, {
    says: `several tokens have ${wanted}: their serial numbers are ${serials.join(", ")}`,
    left: "Add serial=… to the keys' URL",
  });
}

export function noPin(token: string): Fault {
  return new Fault(OPENING, {
    says: `token "${token}" asks for a PIN`,
    left: "Set IMAGES_PKCS11_PIN, or name a file with pin-source in the keys' URL",
  });
}

export function noPinFile(path: string, cause: unknown): Fault {
  return new Fault(OPENING, {
    cause,
    says: `the PIN can't be read from ${path} (${(cause as Error).message})`,
  });
}

export function wrongPin(token: string): Fault {
  return new Fault(OPENING, {
    says: `the PIN isn't that of token "${token}"`,
    left: "It isn't tried again, since a few wrong ones lock the token. Set the right one: IMAGES_PKCS11_PIN, or the file of pin-source",
  });
}

export function lastTry(token: string): Fault {
  return new Fault(OPENING, {
    says: `wrong PINs were given to token "${token}", and one more locks it: no PIN is tried`,
    left: "Log in to it once by its own tools, with the right PIN, and run again",
  });
}

export function lockedPin(token: string): Fault {
  return new Fault(OPENING, {
    says: `token "${token}" is locked after wrong PINs`,
    left: "Its security officer sets a new PIN",
  });
}

export function noGcm(token: string): Fault {
  return new Fault(OPENING, {
    says: `token "${token}" can't encrypt by AES-GCM (CKM_AES_GCM), which wraps data keys`,
    left: "Take another token",
  });
}

export function noKeyObject(token: string, id: string, version: number): Fault {
  return new Fault(`Using master key ${id}`, {
    says: `token "${token}" has no key with label ${id} and ID ${id}.${version}`,
    left: "Take the token that the key was made on, or bring the key back from the token's backup",
  });
}

export function severalKeyObjects(token: string, id: string, version: number): Fault {
  return new Fault(`Using master key ${id}`, {
    says: `token "${token}" has several keys with label ${id} and ID ${id}.${version}`,
    left: "Remove those that were copied there by hand",
  });
}

/** What a module may find again once it is initialised anew: a token that was pulled out for a while hides its keys. */
export class Missing extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

/** What is told where trying again didn't help. */
export function lastly(doing: string, error: unknown): Fault {
  if (error instanceof Missing) return error.fault;
  if (Fault.is(error)) return error;
  return new Fault(doing, { cause: error, says: `the token says ${(error as Error).message}` });
}

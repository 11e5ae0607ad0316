import { realpathSync } from "node:fs";
import type * as Pkcs11 from "pkcs11js";
import { Mutex } from "../../catalog/mutex";
import * as faults from "./faults";

export type Api = typeof Pkcs11;

/**
 * A module (shared library) as this process has it: PKCS#11 lets a process initialise it once. One piece of work at a
 * time, or several that share nothing, so that none is under way when it is initialised anew.
 */
export class Pkcs11Module {
  private static readonly opened = new Map<string, Pkcs11Module>();
  private readonly works = new Mutex();
  private readonly refused = new Set<string>();
  private users = 0;
  private besides = 0;
  private turn: Promise<void> | undefined;
  private endTurn = () => {};
  private isOurs = false;
  /** Counts initialisations: what was opened in an earlier one is void. */
  generation = 0;

  private constructor(
    readonly path: string,
    readonly api: Api,
    readonly functions: Pkcs11.PKCS11,
  ) {}

  /** Loads it where it isn't yet, by whatever name; `release` gives it back. */
  static open(path: string): Pkcs11Module {
    const file = fileOf(path);
    const module = this.opened.get(file) ?? this.load(path);
    this.opened.set(file, module);
    if (module.users === 0) module.initialize();
    module.users++;
    return module;
  }

  private static load(path: string): Pkcs11Module {
    const api = loadApi();
    const functions = new api.PKCS11();
    try {
      functions.load(path);
    } catch (error) {
      throw faults.noModule(path, error);
    }
    return new Pkcs11Module(path, api, functions);
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.works.run(work);
  }

  /** At the same time as other work of this kind, of which each has a session of its own; never with that of `run`. */
  async runBeside<T>(work: () => Promise<T>): Promise<T> {
    if (this.besides++ === 0) {
      this.turn = new Promise((begun) => {
        void this.works.run(() => {
          begun();
          return new Promise<void>((ended) => (this.endTurn = ended));
        });
      });
    }
    await this.turn;
    try {
      return await work();
    } finally {
      if (--this.besides === 0) this.endTurn();
    }
  }

  /** Within `run`: initialises anew, since a module may know a token no more that came back. */
  renew(): void {
    this.finalize();
    this.initialize();
  }

  async release(): Promise<void> {
    await this.run(async () => {
      if (--this.users === 0) this.finalize();
    });
  }

  /** A PIN that a token refused isn't tried again by this process: a few tries lock the token. */
  refuse(serial: string, pin: string): void {
    this.refused.add(`${serial} ${pin}`);
  }

  hasRefused(serial: string, pin: string): boolean {
    return this.refused.has(`${serial} ${pin}`);
  }

  private initialize(): void {
    this.generation++;
    try {
      this.functions.C_Initialize({ flags: this.api.CKF_OS_LOCKING_OK });
      this.isOurs = true;
    } catch (error) {
      // Another part of this process uses the module too, and ends it.
      this.isOurs = false;
      if ((error as { code?: number }).code === this.api.CKR_CRYPTOKI_ALREADY_INITIALIZED) return;
      throw faults.notInitialised(this.path, error);
    }
  }

  private finalize(): void {
    if (!this.isOurs) return;
    this.isOurs = false;
    try {
      this.functions.C_Finalize();
    } catch {
      // It is void either way.
    }
  }
}

/** A name without a folder is looked up by the system. */
function fileOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function loadApi(): Api {
  try {
    return require("pkcs11js") as Api;
  } catch (error) {
    throw faults.noNativePackage(error);
  }
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileError, UserError } from "../user-error";
import { newCrypter, openCrypter } from "./crypter";
import type { Crypter } from "./crypter";

/** Asks at the terminal without echo; undefined where there is none. */
export type Prompt = (question: string) => Promise<string>;

const INCORRECT =
  "Incorrect passphrase: set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the one that this stack was made with.";

/** The passphrase of one process, asked for once, and the crypters that it opens, each derived once. */
export class Passphrase {
  private phrase?: Promise<string>;
  private readonly crypters = new Map<string, Promise<Crypter>>();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly prompt?: Prompt,
  ) {}

  /** The crypter of a file with this salt; throws UserError where the passphrase is missing or wrong. */
  open(salt: string): Promise<Crypter> {
    return this.remember(salt, async () => {
      const crypter = await openCrypter(await this.read("known"), salt);
      if (!crypter) throw new UserError(INCORRECT);
      return crypter;
    });
  }

  /** A crypter with a new salt, for a stack that has none. */
  async create(): Promise<Crypter> {
    const crypter = await newCrypter(await this.read("new"));
    this.crypters.set(crypter.salt, Promise.resolve(crypter));
    return crypter;
  }

  /** Throws UserError where there is none to be had; asks for it where it must be typed. */
  async require(salt: string | undefined): Promise<void> {
    await this.read(salt === undefined ? "new" : "known");
  }

  private remember(salt: string, make: () => Promise<Crypter>): Promise<Crypter> {
    let crypter = this.crypters.get(salt);
    if (!crypter) {
      crypter = make();
      // Started early and awaited later: until then a wrong passphrase is nobody's unhandled rejection.
      crypter.catch(() => {});
      this.crypters.set(salt, crypter);
    }
    return crypter;
  }

  private read(age: "known" | "new"): Promise<string> {
    return (this.phrase ??= readPassphrase(this.env, age, this.prompt));
  }
}

async function readPassphrase(
  env: NodeJS.ProcessEnv,
  age: "known" | "new",
  prompt?: Prompt,
): Promise<string> {
  const { PULUMI_CONFIG_PASSPHRASE: phrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  if (phrase !== undefined) return phrase;
  if (file) {
    try {
      return (await readFile(resolve(file), "utf8")).trim();
    } catch (error) {
      throw fileError(`Reading the passphrase from ${file} (PULUMI_CONFIG_PASSPHRASE_FILE)`, error);
    }
  }
  if (prompt && age === "known") return prompt("Passphrase of the stack's secrets");
  if (prompt) {
    const phrase = await prompt("New passphrase for the stack's secrets (it may be empty)");
    if ((await prompt("The same again")) !== phrase) throw new UserError("The two passphrases differ.");
    return phrase;
  }
  throw new UserError(
    "No passphrase: the stack's secrets are encrypted under one. Set PULUMI_CONFIG_PASSPHRASE (it may be empty) or PULUMI_CONFIG_PASSPHRASE_FILE.",
  );
}

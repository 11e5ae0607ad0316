import { setTimeout as wait } from "node:timers/promises";
import type * as Kms from "@aws-sdk/client-kms";
import type { KeyVault } from "../key-vault";
import { notAsWrapped } from "../wrapped-key";
import { kmsFault } from "./faults";

type Sdk = typeof Kms;
type Client = Kms.KMSClient;

interface Opened {
  sdk: Sdk;
  client: Client;
}

/** A server that never answers is given up, not waited for. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const ATTEMPTS = 5;
/** A new alias is known everywhere some time after it was made. */
const ALIAS_WAITS_MS = [100, 200, 400, 800, 1600];
/** The shortest that AWS offers; until then its administrators can take it back. */
const DELETION_DAYS = 7;
/** Of the encryption context, which AWS authenticates, and shows in its log. */
const CONTEXT_NAME = "pulumi-private-images";

export interface AwsKmsPlace {
  /** Default: that of the AWS SDK's chain. */
  region?: string;
  /** `alias/…`. */
  aliasPrefix: string;
}

/**
 * Keys in AWS KMS: one of its keys for each version, found by the alias `<prefix>/<ID>/<version>`. Credentials, region
 * and endpoint are what the AWS tools of this machine would take.
 */
export class AwsKmsKeyVault implements KeyVault {
  private opened: Promise<Opened> | undefined;

  constructor(private readonly place: AwsKmsPlace) {}

  /** Asks for a key that isn't there: whether the network, the credentials and the place are right. */
  reach(): Promise<void> {
    return this.call("Asking AWS KMS for a key", "", async (kms) => {
      await keyIdOf(kms, this.aliasOf("probe", 0));
    });
  }

  generate(id: string, version: number): Promise<void> {
    return this.call(`Making version ${version} of master key ${id}`, id, async (kms) => {
      const { sdk, client } = kms;
      const alias = this.aliasOf(id, version);
      if (await keyIdOf(kms, alias)) return;
      const { KeyMetadata } = await client.send(
        new sdk.CreateKeyCommand({
          KeySpec: "SYMMETRIC_DEFAULT",
          KeyUsage: "ENCRYPT_DECRYPT",
          Description: `pulumi-private-images: master key ${id}, version ${version}`,
        }),
      );
      const TargetKeyId = KeyMetadata!.KeyId!;
      try {
        await client.send(new sdk.CreateAliasCommand({ AliasName: alias, TargetKeyId }));
      } catch (error) {
        // Nothing was sealed with it, whoever has the alias.
        await scheduleDeletion(kms, TargetKeyId).catch(() => undefined);
        if ((error as Error).name !== "AlreadyExistsException") throw error;
      }
    });
  }

  wrap(id: string, version: number, dataKey: Buffer, context: string): Promise<Buffer> {
    return this.call(`Wrapping a data key by master key ${id}`, id, (kms) =>
      withNewAlias(() => encrypt(kms, this.aliasOf(id, version), dataKey, context)),
    );
  }

  unwrap(id: string, version: number, sealed: Buffer, context: string): Promise<Buffer> {
    return this.call(`Unwrapping a data key by master key ${id}`, id, async (kms) => {
      const alias = this.aliasOf(id, version);
      try {
        return await withNewAlias(() => decrypt(kms, alias, sealed, context));
      } catch (error) {
        const { name } = error as Error;
        if (name === "InvalidCiphertextException" || name === "IncorrectKeyException") throw notAsWrapped(id);
        // A key that opens its own isn't denied: these bytes name another.
        if (name === "AccessDeniedException" && (await opensItsOwn(kms, alias))) throw notAsWrapped(id);
        throw error;
      }
    });
  }

  /** AWS then refuses the key to whoever has its own credentials, too. */
  disable(id: string, versions: number): Promise<void> {
    return this.each(`Disabling master key ${id}`, id, versions, async ({ sdk, client }, KeyId) => {
      await client.send(new sdk.DisableKeyCommand({ KeyId }));
    });
  }

  enable(id: string, versions: number): Promise<void> {
    return this.each(`Enabling master key ${id}`, id, versions, async ({ sdk, client }, KeyId) => {
      await client.send(new sdk.EnableKeyCommand({ KeyId }));
    });
  }

  destroy(id: string, versions: number): Promise<void> {
    // One version more: a rotation that was cut off may have left it.
    return this.each(`Destroying master key ${id}`, id, versions + 1, async (kms, KeyId) => {
      const { sdk, client } = kms;
      const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }));
      if (KeyMetadata?.KeyState !== "PendingDeletion") await scheduleDeletion(kms, KeyId);
    });
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    (await opened?.catch(() => undefined))?.client.destroy();
  }

  private aliasOf(id: string, version: number): string {
    return `${this.place.aliasPrefix}/${id}/${version}`;
  }

  /** For every version that is there: AWS takes no alias where it changes a key. */
  private each(
    doing: string,
    id: string,
    versions: number,
    work: (kms: Opened, keyId: string) => Promise<void>,
  ): Promise<void> {
    return this.call(doing, id, async (kms) => {
      for (let version = 1; version <= versions; version++) {
        const keyId = await keyIdOf(kms, this.aliasOf(id, version));
        if (keyId !== undefined) await work(kms, keyId);
      }
    });
  }

  private async call<T>(doing: string, id: string, work: (kms: Opened) => Promise<T>): Promise<T> {
    try {
      this.opened ??= openClient(this.place);
      return await work(await this.opened);
    } catch (error) {
      throw kmsFault(error, doing, id);
    }
  }
}

/** The SDK is loaded at the first call: nobody else pays for it. */
async function openClient({ region }: AwsKmsPlace): Promise<Opened> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const sdk = await import("@aws-sdk/client-kms");
  const requestHandler = { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS };
  return { sdk, client: new sdk.KMSClient({ region, maxAttempts: ATTEMPTS, requestHandler }) };
}

async function encrypt({ sdk, client }: Opened, KeyId: string, Plaintext: Buffer, context: string) {
  const EncryptionContext = { [CONTEXT_NAME]: context };
  const { CiphertextBlob } = await client.send(
    new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext }),
  );
  return Buffer.from(CiphertextBlob!);
}

async function decrypt({ sdk, client }: Opened, KeyId: string, CiphertextBlob: Buffer, context: string) {
  const EncryptionContext = { [CONTEXT_NAME]: context };
  const { Plaintext } = await client.send(
    new sdk.DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext }),
  );
  return Buffer.from(Plaintext!);
}

async function opensItsOwn(kms: Opened, alias: string): Promise<boolean> {
  const probe = Buffer.from("probe");
  try {
    return (await decrypt(kms, alias, await encrypt(kms, alias, probe, "probe"), "probe")).equals(probe);
  } catch {
    return false;
  }
}

async function keyIdOf({ sdk, client }: Opened, alias: string): Promise<string | undefined> {
  try {
    return (await client.send(new sdk.DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.KeyId;
  } catch (error) {
    if ((error as Error).name === "NotFoundException") return undefined;
    throw error;
  }
}

async function scheduleDeletion({ sdk, client }: Opened, KeyId: string): Promise<void> {
  await client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: DELETION_DAYS }));
}

async function withNewAlias<T>(work: () => Promise<T>): Promise<T> {
  for (const delay of ALIAS_WAITS_MS) {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).name !== "NotFoundException") throw error;
      await wait(delay);
    }
  }
  return work();
}

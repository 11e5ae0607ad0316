import type { S3Client } from "@aws-sdk/client-s3";
import { retrying, type Patience } from "./retries";
import { openS3Client } from "./s3-client";

type Sdk = Awaited<ReturnType<typeof load>>;

/** What a request is made of. */
interface Opened {
  client: S3Client;
  sdk: Sdk;
}

/** What a list tells at a time. */
export const PAGE = 1000;

/** What an S3 server or the way to it says in the end: `cause`. */
export class BucketError extends Error {
  constructor(cause: unknown) {
    super(String(cause), { cause });
  }
}

/** Makes requests, again while the server is in trouble; what it says in the end is thrown as a BucketError. */
export class BucketRequests {
  private opening: Promise<Opened> | undefined;

  constructor(private readonly patience: Patience) {}

  /** By the same client, with other patience. */
  with(patience: Partial<Patience>): BucketRequests {
    const other = new BucketRequests({ ...this.patience, ...patience });
    this.opening ??= open();
    other.opening = this.opening;
    return other;
  }

  async send<T>(request: (to: Opened, options: { abortSignal?: AbortSignal }) => Promise<T>): Promise<T> {
    const opened = await (this.opening ??= open());
    const abort = { abortSignal: this.patience.signal };
    try {
      return await retrying(() => request(opened, abort), this.patience);
    } catch (error) {
      throw new BucketError(error);
    }
  }
}

async function open(): Promise<Opened> {
  return { client: await openS3Client({ retries: "none" }), sdk: await load() };
}

function load() {
  return import("@aws-sdk/client-s3");
}

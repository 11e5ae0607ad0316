import { Fault } from "../violation";
import { describeEndpoint } from "./s3-client";

interface S3Error extends Error {
  code?: string;
  errors?: S3Error[];
  Region?: string;
  $metadata?: { httpStatusCode?: number };
}

const OUT_OF_REACH = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "NetworkingError",
  "RequestTimeout",
  "TimeoutError",
]);

const FULL = new Set(["InsufficientStorage", "QuotaExceeded", "StorageFull", "XMinioStorageFull"]);

export const WRITTEN_BY_OTHERS =
  "somebody else writes the same object at the same time, and this upload was aborted for it. Run again, or state another name";

/** There is no space left at the server. */
export function isFull(error: unknown): boolean {
  return FULL.has((error as Error).name) || statusOf(error) === 507;
}

export function statusOf(error: unknown): number | undefined {
  return (error as S3Error).$metadata?.httpStatusCode;
}

/** Words what an S3 server or the way to it says. The server's own sentences are kept out: they may quote what was sent. */
export function s3Fault(error: unknown, doing: string, bucket: string): Fault {
  if (Fault.is(error)) return error;
  return new Fault(doing, { says: explain(error as S3Error, bucket), cause: error });
}

function explain(error: S3Error, bucket: string): string {
  const { name } = error;
  const code = error.code ?? error.errors?.find((each) => each.code)?.code ?? name;
  const where = describeEndpoint();
  if (OUT_OF_REACH.has(code) || OUT_OF_REACH.has(name)) {
    return `${where} is out of reach (${code}). See AWS_ENDPOINT_URL_S3 and the network, then run again`;
  }
  if (isFull(error)) return `there is no space left at ${where}. Free some and run again`;
  switch (name) {
    case "NoSuchBucket":
      return `there is no bucket ${bucket} at ${where}. Make it, or name another one`;
    case "CredentialsProviderError":
      return "there are no credentials for it. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";
    case "InvalidAccessKeyId":
    case "SignatureDoesNotMatch":
    case "InvalidToken":
    case "ExpiredToken":
    case "TokenRefreshRequired":
      return `${where} doesn't take the credentials (${name}). See AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE`;
    case "NoSuchUpload":
      return WRITTEN_BY_OTHERS;
    case "RequestTimeTooSkewed":
      return `the clock of this machine differs too much from that of ${where}. Set it`;
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return `the bucket ${bucket} is in another region${error.Region ? `, ${error.Region}` : ""}. Set AWS_REGION to it`;
  }
  if (name === "AccessDenied" || statusOf(error) === 403) {
    return (
      `the credentials aren't allowed to do this in the bucket ${bucket}. They need s3:ListBucket, ` +
      "s3:ListBucketMultipartUploads, s3:ListMultipartUploadParts, s3:GetObject, s3:PutObject and s3:AbortMultipartUpload, " +
      "and s3:DeleteObject where objects are deleted"
    );
  }
  const status = statusOf(error);
  if (status === undefined) return name === "Error" ? error.message : `${name}: ${error.message}`;
  return `${where} answered ${name} (${status})`;
}

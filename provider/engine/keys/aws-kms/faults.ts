import { Fault } from "../../violation";

/** As they stand in errors of the SDK, or of Node beneath it. */
interface AwsError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

const OUT_OF_REACH =
  /^(ECONN\w+|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EPIPE|ETIMEDOUT|TimeoutError|NetworkingError)$/;
const CREDENTIALS =
  /^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch|ExpiredToken\w*|IncompleteSignature\w*)$/;

/** Words what AWS KMS or the way to it says. */
export function kmsFault(error: unknown, doing: string, id: string): Fault {
  if (Fault.is(error)) return error;
  return new Fault(doing, { cause: error, ...explain(error as AwsError, id) });
}

function explain(error: AwsError, id: string): { says: string; left?: string } {
  const { name, message } = error;
  const code = error.code ?? name;
  if (OUT_OF_REACH.test(code) || OUT_OF_REACH.test(name)) {
    return {
      says: `AWS KMS is out of reach (${code})`,
      left: "See the network and AWS_ENDPOINT_URL_KMS, and run again",
    };
  }
  if (CREDENTIALS.test(name)) {
    return {
      says: `AWS KMS doesn't take the credentials (${name})`,
      left: "See AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE",
    };
  }
  switch (name) {
    case "CredentialsProviderError":
      return {
        says: "there are no credentials for AWS KMS",
        left: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
      };
    case "AccessDeniedException":
      return {
        says: "the credentials aren't allowed to do this in AWS KMS",
        left:
          "They need kms:DescribeKey, kms:Encrypt and kms:Decrypt; to make keys kms:CreateKey and kms:CreateAlias (the " +
          "operator of a team's region makes the first one by defaultKey: true in region.yaml); " +
          "to change them kms:DisableKey, kms:EnableKey and kms:ScheduleKeyDeletion",
      };
    case "NotFoundException":
      return {
        says: `AWS KMS has no key for ${id}`,
        left: "See the region and the alias of the keys' URL, and whether the key was deleted in AWS",
      };
    case "DisabledException":
      return { says: `AWS KMS has a key of ${id} disabled`, left: `Enable it: images keys enable ${id}` };
    case "KMSInvalidStateException":
      return {
        says: `AWS KMS can't use a key of ${id} (${message})`,
        left: `Where its deletion was scheduled in AWS: cancel that there, then images keys enable ${id}`,
      };
  }
  if (/region is missing/i.test(message)) {
    return {
      says: "it isn't said in which AWS region the keys are",
      left: "Set AWS_REGION, or keys: awskms:REGION",
    };
  }
  const status = error.$metadata?.httpStatusCode;
  return { says: status === undefined ? `${name}: ${message}` : `AWS KMS answered ${name} (${status})` };
}

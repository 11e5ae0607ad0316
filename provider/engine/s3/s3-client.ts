import type { S3Client } from "@aws-sdk/client-s3";
import { Fault } from "../violation";

/** A server that never answers is given up, not waited for. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 120_000;
/** What servers other than Amazon's take where nobody configured a region. */
const FALLBACK_REGION = "us-east-1";

/** The endpoint that the environment names, as the AWS tools read it. */
export function configuredEndpoint(env: NodeJS.ProcessEnv = process.env): URL | undefined {
  const variable = env.AWS_ENDPOINT_URL_S3 ? "AWS_ENDPOINT_URL_S3" : "AWS_ENDPOINT_URL";
  const stated = env[variable];
  if (!stated) return undefined;
  const url = URL.canParse(stated) ? new URL(stated) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new Fault(`Reading ${variable}`, {
    says: "it isn't a URL. Set it to one, such as https://host:9000",
  });
}

/**
 * A client for whatever the AWS tools of this machine would speak to, by their own configuration: environment,
 * profile, container or instance. The SDK is loaded at the first call: nothing but what uses S3 pays for it.
 * `retries`: "none" for who sees to them.
 */
export async function openS3Client({ retries }: { retries?: "none" } = {}): Promise<S3Client> {
  // Which Node runs is said by package.json, not by a note in the midst of a deployment.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { S3Client } = await import("@aws-sdk/client-s3");
  const endpoint = configuredEndpoint();
  const isAmazon = endpoint === undefined || /(^|\.)amazonaws\.com(\.cn)?$/.test(endpoint.hostname);
  const configured = new S3Client({});
  const region = await configured.config.region().catch(() => FALLBACK_REGION);
  configured.destroy();
  return new S3Client({
    region,
    forcePathStyle: !isAmazon,
    followRegionRedirects: true,
    ...(retries === "none" ? { maxAttempts: 1 } : {}),
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
  });
}

/** Without what a URL may hold of credentials. */
export function describeEndpoint(): string {
  return configuredEndpoint()?.origin ?? "Amazon S3";
}

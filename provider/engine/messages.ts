/*
 * The one place that words violations, a file a subject. Each function takes the figures and returns the sentences:
 * what is wrong, how far, and what to do.
 */
export * from "./messages/adoption";
export * from "./messages/architecture";
export * from "./messages/conversion";
export * from "./messages/deletion";
export * from "./messages/doctor";
export * from "./messages/exports";
export * from "./messages/disk-files";
export * from "./messages/encryption";
export * from "./messages/image-kinds";
export * from "./messages/lookups";
export * from "./messages/naming";
export * from "./messages/nic-drivers";
export * from "./messages/quotas";
export * from "./messages/replication";
export * from "./messages/scope";
export * from "./messages/sharing";
export * from "./messages/sizes";
export * from "./messages/sources";
export * from "./messages/timeouts";
export { capital, describe, nameInProgram, withArticle } from "./messages/words";

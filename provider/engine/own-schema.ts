/**
 * Ajv's options for a schema of this package's own: each is compiled anew by a process that may use it once, so it is
 * neither checked nor optimized, a third of the time.
 */
export const OWN_SCHEMA = { meta: false, validateSchema: false, code: { optimize: false } } as const;

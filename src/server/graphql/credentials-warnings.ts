import type { ApplyResult } from '../../engine/commands/types.ts'

/** What is wrong with a bundle of TLS credentials in a namespace, or soon will be; undefined where nothing can be said. */
export type CredentialsWarning = (namespace: string, bundle: string, spec: object) => string | undefined

/** A connector shows no certificate unless its manifest says so. */
const usedSpec = (kind: string, spec: object): object =>
  kind === 'Connector' ? { useClientCert: false, ...spec } : spec

/** The result with a word on the credentials that the manifest names: it was applied all the same. */
export const withWarning = (result: ApplyResult, manifest: unknown, warningOf: CredentialsWarning): ApplyResult => {
  const { spec } = (manifest ?? {}) as { readonly spec?: { readonly tlsCredentials?: unknown } | null }
  const bundle = spec?.tlsCredentials
  if (result.action === 'Skipped' || result.namespace === undefined || typeof bundle !== 'string') return result
  const message = warningOf(result.namespace, bundle, usedSpec(result.kind, spec as object))
  return message === undefined ? result : { ...result, message }
}

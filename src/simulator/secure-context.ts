import { existsSync, readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { StoredEntity } from './entity-types.ts'

/** Undefined without files: a listener with such a profile does not use TLS. */
export const secureContextOf = (profile: StoredEntity | undefined): SecureContext | undefined => {
  const { certFile, privateKeyFile } = profile?.attributes ?? {}
  if (typeof certFile !== 'string' || typeof privateKeyFile !== 'string' || !existsSync(certFile)) return undefined
  return createSecureContext({ cert: readFileSync(certFile), key: readFileSync(privateKeyFile) })
}

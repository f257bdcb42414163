import type { StoreFlags } from '../../runtime/with-store.ts'

export interface VerifyFlags extends StoreFlags {
  readonly publicKey?: string
  readonly since?: string
  readonly proof?: string
  readonly output: 'table' | 'json' | 'yaml'
}

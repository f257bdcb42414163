import type { NetworkView } from '../vanflow/network-view.ts'
import type { Management } from './management.ts'

/** PEM texts. */
export interface RouterCredentials {
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  /** The name in the router's certificate; by default the URL's host. */
  readonly serverName?: string | undefined
}

export interface RouterAddress {
  readonly url: string
  /** For SASL PLAIN; without it EXTERNAL with a client certificate, or ANONYMOUS. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?: (() => RouterCredentials) | undefined
}

/** A subfolder a bundle of TLS credentials. */
export interface CertificateFolders {
  /** The router's path. */
  readonly folder: string
  /** Hark's path; it need not exist. */
  readonly local: string
}

export interface RouterSettings extends RouterAddress {
  readonly certificates?: CertificateFolders | undefined
}

export interface RouterSession {
  readonly management: Management
  readonly network: NetworkView
  readonly signal: AbortSignal
  /** Rejects pending requests with RouterUnreachable. */
  close(): Promise<void>
}

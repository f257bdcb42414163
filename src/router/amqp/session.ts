import type { NetworkView } from '../vanflow/network-view.ts'
import type { Management } from './management.ts'

/** How to reach a router, and how to authenticate. Certificates and keys are PEM texts. */
export interface RouterAddress {
  readonly url: string
  /** For SASL PLAIN; without it EXTERNAL with a client certificate, or ANONYMOUS. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?:
    | {
        readonly ca?: string | undefined
        readonly certificate?: string | undefined
        readonly key?: string | undefined
        /** The name in the router's certificate, if it is not the host of the URL. */
        readonly serverName?: string | undefined
      }
    | undefined
}

/** The folder with bundles of TLS credentials, each in a subfolder. */
export interface CertificateFolders {
  /** Its path for the router. */
  readonly folder: string
  /** Its path for Hark; it need not exist. */
  readonly local: string
}

export interface RouterSettings extends RouterAddress {
  readonly certificates?: CertificateFolders | undefined
}

export interface RouterSession {
  readonly management: Management
  readonly network: NetworkView
  /** Aborted with RouterUnreachable when the connection is over. */
  readonly signal: AbortSignal
  /** Pending requests reject with RouterUnreachable. */
  close(): Promise<void>
}

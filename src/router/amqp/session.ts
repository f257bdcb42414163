import type { NetworkView } from '../vanflow/network-view.ts'
import type { Management } from './management.ts'

/** Where a router is reached, and what it is to see of us. Certificates and keys are PEM texts. */
export interface RouterAddress {
  /** `amqp://HOST:PORT` or `amqps://HOST:PORT`. */
  readonly url: string
  /** SASL PLAIN; without them ANONYMOUS, or EXTERNAL where there is a client certificate. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?:
    | {
        readonly ca?: string | undefined
        readonly certificate?: string | undefined
        readonly key?: string | undefined
        /** The name that the router's certificate must bear, where it is not the host of the URL. */
        readonly serverName?: string | undefined
      }
    | undefined
}

/** Where bundles of TLS credentials are, each in a folder of its own. */
export interface CertificateFolders {
  /** As the router sees it. */
  readonly folder: string
  /** The same folder as Hark sees it, where it sees it at all. */
  readonly local: string
}

/** A router that is driven, with all that its setting says of it. */
export interface DrivenRouter extends RouterAddress {
  /** Where it finds bundles of TLS credentials; the usual folder where it is not given. */
  readonly certificates?: CertificateFolders | undefined
}

/** One AMQP connection to a router, for as long as it lasts: it does not come back, another is opened in its place. */
export interface RouterSession {
  readonly management: Management
  readonly network: NetworkView
  /** Aborted when the connection is gone, whoever ended it; its reason is a RouterUnreachable. */
  readonly signal: AbortSignal
  /** Ends it; what is still under way rejects with RouterUnreachable. */
  close(): Promise<void>
}

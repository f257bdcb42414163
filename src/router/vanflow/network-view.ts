/** What VanFlow tells of one thing on the network; `identity` is unique there and never used again. */
interface Record {
  readonly identity: string
}

export interface NetworkSite extends Record {
  readonly name?: string | undefined
  readonly namespace?: string | undefined
  readonly platform?: string | undefined
}

export interface NetworkRouter extends Record {
  readonly name?: string | undefined
  readonly mode?: string | undefined
  readonly version?: string | undefined
  /** The name of its site. */
  readonly site?: string | undefined
}

export interface NetworkLink extends Record {
  readonly name?: string | undefined
  readonly role?: string | undefined
  readonly status?: string | undefined
  readonly peer?: string | undefined
}

/** A listener or a connector of any router of the network. */
export interface NetworkEndpoint extends Record {
  readonly kind: 'listener' | 'connector'
  readonly routingKey: string
  /** As its router names it, `connector/backend` for Skupper's and Hark's own. */
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  /** The name of the site of its router. */
  readonly site?: string | undefined
}

/** What the whole network has, as one router's VanFlow tells it. */
export interface NetworkView {
  sites(): Iterable<NetworkSite>
  routers(): Iterable<NetworkRouter>
  links(): Iterable<NetworkLink>
  endpoints(): Iterable<NetworkEndpoint>
  /** Undefined where there is none of this identity, or none any more. */
  endpoint(identity: string): NetworkEndpoint | undefined
  /**
   * Whether what is told of this identity is all there is to tell: its source has told its whole state, or was not
   * heard of for so long that it counts as lost. Until then its absence means nothing.
   */
  isSettled(identity: string): boolean
  /**
   * Called with the identities of endpoints that came, changed or went, and of those whose site became known; also, with
   * none, when a source has settled or was lost. Returns what ends it. Where it throws, `onFailure` is called.
   */
  onChange(observer: (identities: readonly string[]) => void, onFailure?: (error: unknown) => void): () => void
}

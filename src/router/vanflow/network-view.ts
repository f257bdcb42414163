/** A record of VanFlow; its identity is unique in the network and never used again. */
interface NetworkRecord {
  readonly identity: string
}

export interface NetworkRouter extends NetworkRecord {
  /** `0/` and the router's id, by which management names it. */
  readonly name?: string | undefined
  /** The name of its site. */
  readonly site?: string | undefined
}

/** A listener or a connector of any router of the network. */
export interface NetworkEndpoint extends NetworkRecord {
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
  routers(): Iterable<NetworkRouter>
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

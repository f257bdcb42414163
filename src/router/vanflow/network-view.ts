/** A record of VanFlow; its identity is unique in the network and never used again. */
interface NetworkRecord {
  readonly identity: string
}

export interface NetworkRouter extends NetworkRecord {
  /** `0/` and the router's id, by which management names it. */
  readonly name?: string | undefined
  readonly site?: string | undefined
}

export interface NetworkEndpoint extends NetworkRecord {
  readonly kind: 'listener' | 'connector'
  readonly routingKey: string
  /** Of the router's entity: `connector/backend` for those of Skupper and Hark. */
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly site?: string | undefined
}

/** The whole network, as the VanFlow of one router shows it. */
export interface NetworkView {
  routers(): Iterable<NetworkRouter>
  endpoints(): Iterable<NetworkEndpoint>
  endpoint(identity: string): NetworkEndpoint | undefined
  /**
   * Whether the absence of this identity means that it does not exist: its source has sent its whole state, or is silent for
   * so long that it is lost.
   */
  isSettled(identity: string): boolean
  /**
   * Calls the observer with the identities of endpoints that were added, changed or removed, or whose site became known; with
   * none when a source has settled. Returns a function that ends the subscription. If the observer throws, calls `onFailure`.
   */
  onChange(observer: (identities: readonly string[]) => void, onFailure?: (error: unknown) => void): () => void
}

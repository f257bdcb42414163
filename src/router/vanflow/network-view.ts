/** Its identity is unique in the network and never reused. */
interface NetworkRecord {
  readonly identity: string
}

export interface NetworkRouter extends NetworkRecord {
  /** `0/` and the router's id in management. */
  readonly name?: string | undefined
  readonly site?: string | undefined
}

export interface NetworkEndpoint extends NetworkRecord {
  readonly kind: 'listener' | 'connector'
  readonly routingKey: string
  /** The entity's name, such as `connector/backend`. */
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly site?: string | undefined
  /** The id in management of the router that has it. */
  readonly router?: string | undefined
}

export interface NetworkView {
  routers(): Iterable<NetworkRouter>
  endpoints(): Iterable<NetworkEndpoint>
  endpoint(identity: string): NetworkEndpoint | undefined
  /** Whether an absent identity does not exist: its source has sent its whole state, or is lost. */
  isSettled(identity: string): boolean
  /** Reports endpoints that changed, or whose site or router became known; none when a source has settled. */
  onChange(observer: (identities: readonly string[]) => void, onFailure?: (error: unknown) => void): () => void
}

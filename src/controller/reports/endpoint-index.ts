import type { NetworkEndpoint, NetworkView } from '../../router/vanflow/network-view.ts'

export class EndpointIndex {
  readonly #network: NetworkView
  readonly #byKey = { connector: new Map<string, Set<string>>(), listener: new Map<string, Set<string>>() }
  readonly #indexed = new Map<string, Pick<NetworkEndpoint, 'kind' | 'routingKey'>>()

  constructor(network: NetworkView) {
    this.#network = network
    for (const { identity } of network.endpoints()) this.reindex(identity)
  }

  /** Returns the old and new entries of an endpoint. */
  reindex(identity: string): readonly Pick<NetworkEndpoint, 'kind' | 'routingKey'>[] {
    const before = this.#indexed.get(identity)
    const now = this.#network.endpoint(identity)
    if (before !== undefined) {
      const there = this.#byKey[before.kind].get(before.routingKey)
      there?.delete(identity)
      if (there?.size === 0) this.#byKey[before.kind].delete(before.routingKey)
      this.#indexed.delete(identity)
    }
    if (now !== undefined) {
      const byKey = this.#byKey[now.kind]
      const there = byKey.get(now.routingKey)
      if (there === undefined) byKey.set(now.routingKey, new Set([identity]))
      else there.add(identity)
      this.#indexed.set(identity, now)
    }
    return [before, now].filter(endpoint => endpoint !== undefined)
  }

  has(kind: NetworkEndpoint['kind'], routingKey: string): boolean {
    return this.#byKey[kind].has(routingKey)
  }

  identities(kind: NetworkEndpoint['kind'], routingKey: string): Iterable<string> {
    return this.#byKey[kind].get(routingKey) ?? []
  }

  routingKeys(kind: NetworkEndpoint['kind']): Iterable<string> {
    return this.#byKey[kind].keys()
  }
}

export const isOfSameRouter = (a: string, b: string): boolean =>
  a.slice(0, a.lastIndexOf(':')) === b.slice(0, b.lastIndexOf(':'))
